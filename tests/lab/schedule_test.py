"""Schedules by systemd and cron: what is written is what they read, and nothing that is not ours is touched."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess

from processes import PATIENCE, find_program
from program import LabTest, program, rule, targets

HOSTILE = ("plain.toml", "a b.toml", "100%h.toml", 'quo"te.toml', "it's.toml", "$HOME ${X}.toml", "ünï – cödé.toml", "; rm -rf x.toml", "-dash.toml", "a'\"b.toml",
           "#hash.toml", "[s]ec=t.toml", "tilde~*?.toml")
FOR_UNITS = (*HOSTILE, "back\\slash.toml", "end\\")  # which cron cannot carry
MOST_EXPOSED = 2.5  # systemd-analyze security: 0 is best, 10 worst; an inventory below /home, which then has to be seen, costs 0.1
LINE = r"(?m)^{}=(.*)$"


class ScheduleTest(LabTest):
    def setUp(self):
        super().setUp()
        self.root = self.directory / "root"
        self.root.mkdir()
        self.bin = self.directory / "bin"
        self.bin.mkdir()
        (self.directory / "reports").mkdir()
        (self.directory / "runtime").mkdir()
        self.environment = {"XDG_CONFIG_HOME": str(self.directory / "config"), "XDG_STATE_HOME": str(self.directory / "state"),
                            "PATH": f"{self.bin}:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(self.directory / "runtime"), "LC_ALL": "C.UTF-8"}
        self.inventory = self.write("campus.toml", targets("127.0.0.14", head='select = "exposure.telnet-open"'))

    def schedule(self, *words, code=0):
        done = self.audit("schedule", *words, environment=self.environment)
        self.assertEqual(done.code, code, done)
        return done

    def install(self, *words, inventory=None, code=0, **options):
        return self.schedule("install", inventory or self.inventory, *words, code=code, **options)

    def install_units(self, *words, **options):
        """Into the tree of another system; gives back (service, timer)."""
        before = set(self.units())
        self.install("--engine", "systemd", "--root", self.root, *words, **options)
        written = sorted(set(self.units()) - before)
        self.assertEqual([path.suffix for path in written], [".service", ".timer"])
        return written

    def units(self):
        return [path for path in (self.root / "etc/systemd/system").glob("audit-*") if not path.is_symlink()]

    def fake(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def analyze(self, *words, debug=False):
        environment = {**os.environ, **self.environment, **({"SYSTEMD_LOG_LEVEL": "debug"} if debug else {})}
        return subprocess.run([find_program("systemd-analyze"), *map(str, words)], env=environment, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, check=False, timeout=120)

    def tree(self):
        return {str(path.relative_to(self.directory)): path.is_file() and path.read_bytes() for path in sorted(self.directory.rglob("*"))}

    def parsed(self, unit, user=False):
        """What systemd itself makes of a unit: its words to run, and the paths that it may write to."""
        done = self.analyze("verify", *(["--user"] if user else []), "--man=no", unit, debug=True)
        text = done.stdout[done.stdout.index(f"-> Unit {unit.name}:"):]
        paths = re.search(r"(?m)^\s*ReadWritePaths:(.*)$", text)
        words = shlex.split(re.search(r"(?m)^\s*Command Line: (.*)$", text)[1])
        return [re.sub(r"\\([$`])", r"\1", word) for word in words], paths[1].strip() if paths else ""


class UnitTest(ScheduleTest):
    def assertVerified(self, *units, user=False):
        done = self.analyze("verify", *(["--user"] if user else []), "--man=no", *units)
        said = [line for line in done.stderr.splitlines() if "audit" in line]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)

    def test_systemd_accepts_service_and_timer_without_a_warning_whatever_the_path(self):
        for name in FOR_UNITS:
            with self.subTest(name):
                inventory = self.write(f"{name} folder/{name}", self.inventory.read_text())
                units = self.install_units("--daily", "02:30", "--jitter", "30m", "--report", f"json={inventory.parent}/r.json", inventory=f"{inventory}")
                self.assertVerified(*units)

    def test_systemd_accepts_a_users_units_too(self):
        for name in ("plain.toml", "100%h $x.toml"):
            with self.subTest(name):
                inventory = self.write(name, self.inventory.read_text())
                done = self.install("--engine", "systemd", "--user", "--weekly", "Mon", "02:30", inventory=inventory)
                units = [pathlib.Path(line.removeprefix("wrote ")) for line in done.out.splitlines() if line.startswith("wrote ")]
                self.assertVerified(*units, user=True)

    def test_a_unit_that_is_wrong_would_be_noticed(self):
        service, timer = self.install_units("--daily", "02:30")
        service.write_text(service.read_text().replace("PrivateDevices=yes", "PrivateDevises=yes"))
        with self.assertRaises(AssertionError):
            self.assertVerified(service, timer)

    def test_what_systemd_runs_is_what_was_meant_word_for_word(self):
        for name in FOR_UNITS:
            with self.subTest(name):
                inventory = self.write(f"{name} folder/{name}", self.inventory.read_text())
                service, _ = self.install_units("--daily", "02:30", "--report", f"json={inventory.parent}/r.json", "--", "--select", "exposure.* and not \"x\"",
                                                "--allow-empty", inventory=inventory)
                words, paths = self.parsed(service)
                self.assertEqual(words, [program(), "run", str(inventory), "--state", "/var/lib/audit", "--quiet", "--report",
                                         f"json={inventory.parent}/r.json", "--on-overlap", "skip", "--select", "exposure.* and not \"x\"", "--allow-empty"])
                self.assertEqual(paths, str(inventory.parent))

    def test_the_service_is_little_exposed(self):
        service, _ = self.install_units("--daily", "02:30")
        done = self.analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", service)
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        print(f"      exposure {level[1]}", flush=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertLessEqual(float(level[1]), MOST_EXPOSED)

    def test_a_run_makes_no_system_call_that_the_unit_forbids(self):
        if PATIENCE > 1:
            self.skipTest("a sanitizer makes system calls of its own")
        service, _ = self.install_units("--daily", "02:30")
        wanted = re.search(LINE.format("SystemCallFilter"), service.read_text())[1]
        self.assertEqual(wanted, "@system-service")
        allowed, todo = set(), ["@default", wanted]
        while todo:
            for word in self.analyze("syscall-filter", todo.pop()).stdout.split("\n")[1:]:
                word = word.strip().split("#")[0].strip()
                if word.startswith("@") and word not in allowed:
                    todo.append(word)
                allowed.add(word)
        trace = self.directory / "trace"
        report = self.directory / "reports/r.json"
        subprocess.run([find_program("strace"), "-f", "-qq", "-o", trace, program(), "run", self.inventory, "--report", f"json={report}"],
                       capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=120)
        self.assertTrue(report.is_file())
        made = set(re.findall(r"(?m)^\d+\s+(\w+)\(", trace.read_text(errors="replace")))
        self.assertGreater(len(made), 20)
        self.assertIn("flock", allowed)
        self.assertEqual(made - allowed - {"restart_syscall"}, set())
        text = trace.read_text(errors="replace")
        families = re.search(LINE.format("RestrictAddressFamilies"), service.read_text())[1].split()
        self.assertEqual(set(re.findall(r"socket\((AF_\w+)", text)) - set(families), set())
        self.assertIn("MemoryDenyWriteExecute=yes", service.read_text())
        self.assertEqual(re.findall(r"mmap\([^)]*PROT_WRITE\|PROT_EXEC.*|mprotect\([^)]*PROT_EXEC.*", text), [])

    def test_the_rights_of_the_service_are_enough_for_a_run(self):
        if os.geteuid() != 0:
            self.skipTest("only root's rights are cut down")
        service, _ = self.install_units("--daily", "02:30")
        rights = re.search(LINE.format("CapabilityBoundingSet"), service.read_text())[1].replace("CAP_", "").lower().split()
        theirs = self.directory / "theirs"
        theirs.mkdir()
        inventory = self.write("theirs/campus.toml", self.inventory.read_text())
        os.chown(inventory, 12345, 12345)
        os.chown(theirs, 12345, 12345)
        theirs.chmod(0o700)
        report = self.directory / "reports/r.json"

        def run(*kept):
            report.unlink(missing_ok=True)
            return subprocess.run([find_program("setpriv"), "--no-new-privs", f"--bounding-set={','.join(['-all', *(f'+{one}' for one in kept)])}", program(), "run",
                                   inventory, "--report", f"json={report}"], text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=120)

        done = run(*rights)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual([notice for notice in json.loads(report.read_text()).get("notices", []) if "ICMP" in notice], [])
        self.assertNotEqual(run("net_raw").returncode, 0)

    def test_systemd_starts_what_the_program_takes(self):
        if "--state" not in self.audit("run", "--help").out:
            self.skipTest("this audit run has no --state yet")
        state = self.directory / "kept"
        report = self.directory / "reports/r.json"
        service, _ = self.install_units("--daily", "02:30", "--state", state, "--report", f"json={report}")
        words, _ = self.parsed(service)
        self.assertEqual(self.audit(*words[1:]).code, 0)
        self.assertTrue(report.is_file())

    def test_a_calendar_of_systemds_own_is_looked_at_by_systemd(self):
        _, timer = self.install_units("--on-calendar", "Mon..Fri *-*-* 02:30")
        self.assertIn("\nOnCalendar=Mon..Fri *-*-* 02:30\n", timer.read_text())
        done = self.install("--engine", "systemd", "--root", self.root, "--on-calendar", "every full moon", code=64)
        self.assertIn("every full moon", done.err)


class PrintTest(ScheduleTest):
    def test_print_writes_nothing_and_prints_what_install_writes(self):
        for words in (["--engine", "systemd"], ["--engine", "systemd", "--user"], ["--engine", "cron", "--user"], ["--engine", "cron", "--root", self.root]):
            with self.subTest(words[1:]):
                self.fake("crontab", 'echo touched; exit 1')
                self.fake("systemctl", 'echo touched; exit 1')
                before = self.tree()
                done = self.install("--daily", "02:30", "--report", f"json={self.directory}/reports/x.json", "--print", *words)
                self.assertEqual(self.tree(), before)
                self.assertIn("Made by audit schedule install", done.out)
                self.assertNotIn("touched", done.out)

    def test_what_is_printed_is_what_is_written(self):
        words = ["--engine", "systemd", "--root", self.root, "--hourly"]
        printed = self.install("--print", *words).out
        self.install(*words)
        for path in self.units():
            self.assertIn(f"# {path}\n{path.read_text()}", printed)


class RoundTripTest(ScheduleTest):
    def test_systemd_in_another_tree(self):
        service, timer = self.install_units("--daily", "02:30", "--jitter", "30m")
        wanted = self.root / "etc/systemd/system/timers.target.wants" / timer.name
        self.assertTrue(wanted.is_symlink())
        self.assertTrue((self.root / "var/lib/audit").is_dir())
        rows = [json.loads(line) for line in self.schedule("show", "--root", self.root, "--json").out.splitlines()]
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0]["inventory"], str(self.inventory))
        self.assertEqual(rows[0]["when"], "daily at 02:30, up to 30m later")
        self.assertEqual(rows[0]["files"], [str(service), str(timer)])
        self.assertRegex(rows[0]["next"], r"^\w{3} \d{4}-\d\d-\d\d 02:30:00 ")
        self.assertIn(rows[0]["next"], self.schedule("show", self.inventory, "--root", self.root).out)
        self.install("--engine", "systemd", "--root", self.root, "--hourly")
        self.assertIn("*:00:00", timer.read_text())
        self.assertEqual(len(self.units()), 2)
        self.schedule("remove", self.inventory, "--root", self.root)
        self.assertEqual(self.units(), [])
        self.assertFalse(wanted.is_symlink())
        self.assertIn("is not scheduled", self.schedule("remove", self.inventory, "--root", self.root, code=1).err)
        self.assertIn("is not scheduled", self.schedule("show", self.inventory, "--root", self.root, code=1).err)

    def test_cron_in_another_tree(self):
        done = self.install("--root", self.root, "--weekly", "Mon", "02:30")
        self.assertRegex(done.out, r"next run: Mon \d{4}-\d\d-\d\d 02:30:00 ")
        files = list((self.root / "etc/cron.d").iterdir())
        self.assertEqual(len(files), 1)
        self.assertRegex(files[0].name, r"^[A-Za-z0-9_-]+$")  # cron(8) reads no other names
        self.assertEqual(files[0].stat().st_mode & 0o777, 0o644)
        self.assertRegex(files[0].read_text(), r"(?m)^30 2 \* \* 1 root ")
        name = json.loads(self.schedule("show", "--root", self.root, "--json").out)["name"]
        self.schedule("remove", name, "--root", self.root)
        self.assertEqual(list((self.root / "etc/cron.d").iterdir()), [])

    def test_a_shell_reads_from_crons_line_what_was_meant(self):
        for name in HOSTILE:
            with self.subTest(name):
                inventory = self.write(f"{name} folder/{name}", self.inventory.read_text())
                self.install("--root", self.root, "--daily", "02:30", inventory=inventory)
                file = max((self.root / "etc/cron.d").iterdir(), key=lambda path: path.stat().st_mtime_ns)
                line = file.read_text().splitlines()[-1].split(" ", 6)[6].replace("\\%", "%")
                shown = subprocess.run(["sh", "-c", f"set -- {line}\nprintf '%s\\n' \"$@\""], text=True, capture_output=True, check=True)
                self.assertEqual(shown.stdout.splitlines()[:3], [program(), "run", str(inventory)])

    def test_two_inventories_of_one_name_have_each_their_own(self):
        other = self.write("other/campus.toml", self.inventory.read_text())
        self.install_units("--hourly")
        self.install_units("--hourly", inventory=other)
        self.schedule("remove", other, "--root", self.root)
        self.assertEqual(len(self.units()), 2)
        self.assertIn(str(self.inventory), self.units()[0].read_text())

    def test_a_schedule_outlives_its_inventory_and_is_removed_without_it(self):
        self.install_units("--hourly")
        self.inventory.unlink()
        self.assertIn(str(self.inventory), self.schedule("show", "--root", self.root).out)
        self.schedule("remove", self.inventory, "--root", self.root)
        self.assertEqual(self.units(), [])

    def test_what_is_not_ours_is_never_touched(self):
        service, timer = self.install_units("--hourly")
        for theirs in (service, timer):
            for text in ("[Unit]\nDescription=mine\n", ""):
                with self.subTest(f"{theirs.suffix} {text!r}"):
                    kept = {path: path.read_text() for path in (service, timer)}
                    theirs.write_text(text)
                    before = self.tree()
                    for words in (["install", self.inventory, "--engine", "systemd", "--daily", "02:30"], ["remove", self.inventory]):
                        done = self.schedule(*words, "--root", self.root, code=73)
                        self.assertIn(f"{theirs} was not made by audit schedule install", done.err)
                        self.assertEqual(self.tree(), before)
                    theirs.write_text(kept[theirs])
        cron = self.root / "etc/cron.d" / service.stem
        cron.parent.mkdir(exist_ok=True)
        cron.symlink_to(service)
        self.install("--engine", "cron", "--root", self.root, "--hourly", code=73)
        self.assertTrue(cron.is_symlink())


class UserTest(ScheduleTest):
    """With a systemctl that only notes what it was asked."""

    def setUp(self):
        super().setUp()
        self.notes = self.directory / "notes"
        self.fake("systemctl", f'echo "$*" >> {shlex.quote(str(self.notes))}\ncase "$*" in *show*) echo "Mon 2026-11-23 02:41:07 UTC" ;; esac')
        self.fake("crontab", 'echo "no crontab for me" >&2; exit 1')

    def running(self):
        """Lets systemd seem to run: in the lab's own /run, and nowhere else."""
        folder = pathlib.Path("/run/systemd/system")
        if os.environ.get("AUDIT_LAB") != "inside" or os.geteuid() != 0:
            self.skipTest("only root has a /run of its own in the lab")
        folder.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, folder.parent)

    def asked(self):
        words = [line.removeprefix("--quiet --no-ask-password --user ") for line in self.notes.read_text().splitlines()]
        self.notes.write_text("")
        return [line for line in words if not line.startswith("show")]

    def test_a_running_manager_is_told(self):
        self.running()
        done = self.install("--user", "--daily", "02:30")
        name = re.search(r"(audit-campus-\w+)\.timer", done.out)[1]
        self.assertEqual(self.asked(), ["daemon-reload", f"enable {name}.timer", f"restart {name}.timer"])
        self.assertIn("next run: Mon 2026-11-23 02:41:07 UTC", done.out)
        self.assertIn("enable-linger", done.err)
        self.assertTrue((self.directory / "state/audit").is_dir())
        self.assertEqual((self.directory / "state/audit").stat().st_mode & 0o777, 0o700)
        self.schedule("remove", self.inventory, "--user")
        self.assertEqual(self.asked(), [f"disable --now {name}.timer", "daemon-reload"])
        self.assertEqual(list((self.directory / "config/systemd/user").iterdir()), [])

    def test_a_systemctl_that_fails_is_no_success(self):
        self.fake("systemctl", 'echo "Failed to connect to bus" >&2; exit 1')
        done = self.install("--engine", "systemd", "--user", "--hourly", code=73)
        self.assertIn("systemctl failed: Failed to connect to bus", done.err)


class CrontabTest(ScheduleTest):
    """The crontab of a user: with a program that keeps it in a file, and with Debian's own where that is."""

    OTHERS = "# mine\nMAILTO=me\n5 * * * * true % x\n"

    def setUp(self):
        super().setUp()
        self.environment["TMPDIR"] = str(self.directory)

    def fake_crontab(self):
        self.kept = self.directory / "kept"
        kept = shlex.quote(str(self.kept))
        self.fake("crontab", f'case $1 in -l) [ -e {kept} ] && exec cat {kept}; echo "no crontab for me" >&2; exit 1 ;; *) exec cp "$1" {kept} ;; esac')

    def round_trip(self, read, write):
        self.install("--engine", "cron", "--user", "--daily", "02:30")  # there is none yet
        self.assertEqual(len(re.findall(r"(?m)^30 2 \* \* \* ", read())), 1)
        self.schedule("remove", self.inventory, "--user")
        self.assertEqual(read().strip(), "")
        write(self.OTHERS)
        others = read()
        for words in (["--daily", "02:30"], ["--weekly", "Sun", "23:59"]):
            self.install("--engine", "cron", "--user", *words)
            self.assertTrue(read().startswith(others), read())
        row = json.loads(self.schedule("show", self.inventory, "--json").out)
        self.assertEqual((row["engine"], row["when"], row["files"]), ("crontab", "weekly on Sunday at 23:59", []))
        self.schedule("remove", self.inventory, "--user")
        self.assertEqual(read(), others)
        self.schedule("remove", self.inventory, "--user", code=1)
        self.assertEqual(read(), others)
        self.assertEqual([path for path in self.directory.glob("audit-crontab-*")], [])

    def test_with_a_crontab_in_a_file(self):
        self.fake_crontab()
        self.round_trip(lambda: self.kept.read_text(), self.kept.write_text)

    def test_with_debians_crontab(self):
        crontab = find_program("crontab")
        if os.environ.get("AUDIT_LAB") != "inside" or os.geteuid() != 0:
            self.skipTest("only root can have a place for crontabs of the lab's own")
        spool = "/var/spool/cron/crontabs"
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1730", "lab", spool], check=True)
        self.addCleanup(subprocess.run, ["umount", spool], check=True)

        def read():
            return subprocess.run([crontab, "-l"], text=True, capture_output=True, check=False).stdout

        def write(text):
            subprocess.run([crontab, "-"], input=text, text=True, check=True)

        self.round_trip(read, write)
        for name in HOSTILE:
            with self.subTest(name):
                self.install("--engine", "cron", "--user", "--hourly", inventory=self.write(f"{name} x/{name}", self.inventory.read_text()))
        self.assertEqual(len(re.findall("(?m)^# BEGIN audit-", read())), len(HOSTILE))

    def test_a_crontab_that_cannot_be_read_is_not_taken_for_an_empty_one(self):
        note = self.directory / "written"
        self.fake("crontab", f'[ "$1" = -l ] || touch {shlex.quote(str(note))}\necho "crontabs/me: Permission denied" >&2; exit 1')
        done = self.install("--engine", "cron", "--user", "--hourly", code=73)
        self.assertIn("crontab -l cannot be read: crontabs/me: Permission denied", done.err)
        self.assertFalse(note.exists())

    def test_lines_that_somebody_changed_are_left(self):
        self.fake_crontab()
        self.install("--engine", "cron", "--user", "--hourly")
        self.kept.write_text(re.sub(r"(?m)^# END .*\n", "", self.kept.read_text()) + self.OTHERS)
        before = self.kept.read_text()
        for words in (["install", self.inventory, "--engine", "cron", "--hourly"], ["remove", self.inventory]):
            self.assertIn("crontab -e", self.schedule(*words, "--user", code=73).err)
            self.assertEqual(self.kept.read_text(), before)


class MistakeTest(ScheduleTest):
    def test_a_mistake_is_told_before_anything_is_written(self):
        bad = self.write("bad.toml", "schema = 1\n[[targets]]\nadress = \"127.0.0.1\"\n")
        reports = self.directory / "reports"
        daily = ["--daily", "02:30"]
        for words, code, said in (
                ([], 64, "say when"), ([*daily, "--hourly"], 64, "exactly one"), (["--daily", "2:30"], 64, "HH:MM"),
                (["--weekly", "Someday", "02:30"], 64, "a day is Mon"), ([*daily, "--jitter", "soon"], 64, "--jitter takes"),
                (["--hourly", "--jitter", "1h"], 64, "not less than"), ([*daily, "--report", "json"], 64, "give it a path"),
                ([*daily, "--report", f"papyrus={reports}/x"], 64, "papyrus"), ([*daily, "--report", f"json={reports}/no/x"], 64, "no folder"),
                ([*daily, "--", "--selct", "ssh"], 64, "--selct"), ([*daily, "--", "extra"], 64, "extra"), ([*daily, "--", "--help"], 64, "--help"),
                ([*daily, "--", "--target", "127.0.0.1"], 64, "--target"), ([*daily, "--", "--record", "x"], 64, "--record"),
                ([*daily, "--", "--quiet"], 64, "--quiet"), ([*daily, "--", "--select", "no.such"], 64, "no.such"),
                ([*daily, "--", "--rules", "/nowhere"], 64, "/nowhere"), ([*daily, "--engine", "at"], 64, "at"),
                ([*daily, "--user"], 64, "not both"), (["--on-calendar", "hourly", "--engine", "cron"], 73, "systemd's")):
            with self.subTest(" ".join(map(str, words))):
                before = self.tree()
                done = self.install("--root", self.root, *words, code=code)
                self.assertIn(said, done.err)
                self.assertEqual(self.tree(), before)
        for inventory, code in ((bad, 78), (self.directory / "absent.toml", 64), ("-", 64)):
            with self.subTest(str(inventory)):
                self.install("--root", self.root, *daily, inventory=inventory, code=code)
                self.assertEqual(list(self.root.iterdir()), [])
        new = self.directory / "a\nb.toml"
        new.write_text(self.inventory.read_text())
        for engine in ("systemd", "cron"):
            self.install("--root", self.root, "--engine", engine, *daily, inventory=new, code=73)
            self.assertEqual(list(self.root.iterdir()), [])

    def test_paths_of_the_run_are_absolute_however_they_are_written(self):
        self.write("mine/lab/rule.lua", rule('    return info("seen")', declares='requires = "nothing"'))
        previous = pathlib.Path.cwd()
        os.chdir(self.directory)
        self.addCleanup(os.chdir, previous)
        service, _ = self.install_units("--hourly", "--report", "json=reports/x.json", "--state", "st", "--", "--rules", "+mine", inventory="campus.toml")
        words, _ = self.parsed(service)
        for word in (str(self.inventory), f"json={self.directory}/reports/x.json", str(self.directory / "st"), f"+{self.directory}/mine"):
            self.assertIn(word, words)

    def test_a_credential_from_the_environment_is_pointed_out(self):
        inventory = self.write("env.toml", self.inventory.read_text() + '\n[credentials.web]\nenv = "WEB_PASSWORD"\ntargets = ["127.0.0.14"]\n')
        done = self.install("--root", self.root, "--hourly", inventory=inventory)
        self.assertIn("WEB_PASSWORD", done.err)
