"""Disks that fill up, that are read-only, that are somebody else's: each ends a run with what happened and what to do, and
nothing that was committed is lost."""

import contextlib
import errno
import json
import os
import sqlite3
import subprocess
import urllib.parse

import peers
from processes import wait_until
from program import LabTest, program, rule, targets

SLOW = rule('    local conn <close> = target:connect(23)\n    conn:read_line({ timeout = 120 })\n'
            '    return info("ended", target:port(23))', "lab.slow", "ports = { 23 }")
LONG = rule('    return fail(("it is long "):rep(80), target:port(23))', "lab.long", 'requires = "nothing"')
# Root as everybody else, whom the modes of files bind.
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all", "--ambient-caps=-all"]


class DiskTest(LabTest):
    def setUp(self):
        super().setUp()
        self.disk = self.directory / "disk 50%?#"
        self.disk.mkdir()
        self.state = self.disk / "state"

    @contextlib.contextmanager
    def mounted(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "lab", self.disk], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", self.disk], check=True)

    def fill(self):
        """Takes what is left of the disk; what makes room again."""
        path = self.disk / "filler"
        with path.open("wb", buffering=0) as file:
            for size in (4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass
        with self.assertRaises(OSError) as full:
            (self.disk / "more").write_bytes(bytes(5000))
        self.assertEqual(full.exception.errno, errno.ENOSPC)
        (self.disk / "more").unlink(missing_ok=True)
        return path

    def words(self, *more, addresses=("127.0.0.11", "127.0.0.12", "127.0.0.13")):
        self.write("rules/slow.lua", SLOW)
        return [self.write("inventory.toml", targets(*addresses)), "--rules", self.directory / "rules", "--state", self.state, *more]

    def committed(self, wanted):
        try:
            with contextlib.closing(sqlite3.connect(f"file:{urllib.parse.quote(str(self.state))}/audit.db?mode=ro", uri=True)) as database:
                return (database.execute("SELECT sum(records) FROM segments").fetchone()[0] or 0) >= wanted
        except sqlite3.OperationalError:
            return False

    def runs(self):
        done = self.audit("history", "--state", self.state, "--json")
        self.assertEqual(done.code, 0, done)
        return [json.loads(line)["state"] for line in done.out.splitlines()]

    def assertTold(self, done, *words):
        self.assertEqual(done.code, 73, done)
        for word in words:
            self.assertIn(word, done.err, done)

    def test_a_disk_that_fills_up_in_the_middle_of_a_run_ends_it_and_resuming_asks_what_is_left(self):
        with self.mounted("size=600k"), peers.silent("127.0.0.11", 23) as mute:
            running = self.start(*self.words(), report=True)
            wait_until("two targets to be committed", lambda: self.committed(2))
            filler = self.fill()
            mute.close()
            done = running.end()
            self.assertTold(done, f"{self.state}/audit.db: the disk is full", "kept", "--resume")
            self.assertEqual(len(done.report["checks"]), 3, done)  # the reports are written all the same
            filler.unlink()
            self.assertEqual(self.audit("history", "check", "--state", self.state).code, 0)
            self.assertIn(self.runs(), (["unfinished"], ["stopped"]))
            with (peers.saying("127.0.0.11", 23, b"late\n"),
                  peers.saying("127.0.0.12", 23, b"was looked at, and is not looked at again")):
                again = self.audit(*self.words("--resume"), report=True)
            self.assertEqual(again.code, 0, again)
            self.assertEqual([again.status("lab.slow", f"127.0.0.1{n}")[0] for n in (1, 2, 3)], ["informational", "not_applicable", "not_applicable"], again)
            self.assertEqual(self.runs(), ["complete"])

    def test_a_run_that_fills_the_disk_by_itself_loses_nothing_that_was_committed(self):
        self.write("rules/long.lua", LONG)
        with self.mounted("size=512k"):
            done = self.audit(*self.words(addresses=("127.0.8.0/22",)), report=True)
            self.assertTold(done, f"{self.state}/audit.db: the disk is full", "--resume")
            subprocess.run(["mount", "-o", "remount,size=64m", self.disk], check=True)
            self.assertEqual(self.audit("history", "check", "--state", self.state).code, 0)
            again = self.audit(*self.words("--resume", addresses=("127.0.8.0/22",)), report=True)
            self.assertEqual((again.code, again.summary["planned"], again.summary["fail"]), (1, 2044, 1022), again)
            self.assertEqual(self.runs(), ["complete"])

    def test_a_disk_that_is_full_already_ends_a_run_before_anything_is_sent(self):
        with self.mounted("size=300k"), peers.silent("127.0.0.11", 23) as telnet:
            self.state.mkdir(mode=0o700)
            self.fill()
            done = self.audit(*self.words())
            self.assertTold(done, str(self.state), "the disk is full", "nothing was sent")
            self.assertEqual(telnet.accepted, 0)

    def test_past_runs_can_be_read_where_there_is_no_room(self):
        with self.mounted("size=600k"):
            self.assertEqual(self.audit(*self.words(addresses=("127.0.0.12",))).code, 0)
            self.fill()
            self.read_all()

    def read_all(self):
        for words in (["history"], ["report", "last"], ["history", "check"], ["history", "touched", "127.0.0.12"],
                      ["diff", "last", "last"]):
            with self.subTest(words):
                done = self.audit(*words, "--state", self.state)
                self.assertEqual(done.code, 0, done)

    def test_a_report_that_finds_no_room_leaves_the_one_before(self):
        with self.mounted("size=300k"):
            before = self.disk / "report.html"
            before.write_text("the one before")
            self.fill()
            done = self.audit(*self.words()[:3], "--report", f"html={before}")
            self.assertTold(done, f"{before}: the report could not be written: No space left on device")
            self.assertNotIn("html report:", done.err, "the one before is not this run's")
            self.assertEqual(before.read_text(), "the one before")
            self.assertEqual(sorted(path.name for path in self.disk.iterdir()), ["filler", "report.html"])

    def test_a_transcript_that_finds_no_room_costs_the_run_nothing_but_its_exit_code(self):
        with self.mounted("size=300k"):
            self.fill()
            path = self.disk / "run.transcript"
            done = self.audit(*self.words()[:3], "--record", path, report=True)
            self.assertTold(done, f"{path}: the transcript could not be written: No space left on device")
            self.assertEqual(done.summary["planned"], 3, done)

    def test_a_read_only_disk_is_read_from_and_not_written_to(self):
        with self.mounted("size=2m"), peers.silent("127.0.0.13", 23) as telnet:
            self.assertEqual(self.audit(*self.words(addresses=("127.0.0.12",))).code, 0)
            subprocess.run(["mount", "-o", "remount,ro", self.disk], check=True)
            self.read_all()
            for words in (["history", "pin", "last"], ["history", "prune", "--runs", "1"]):
                self.assertTold(self.audit(*words, "--state", self.state), f"{self.state}/audit.db", "Read-only file system")
            done = self.audit(*self.words(addresses=("127.0.0.13",)))
            self.assertTold(done, str(self.state), "Read-only file system", "nothing was sent")
            self.assertEqual(telnet.accepted, 0)

    def test_a_directory_that_may_not_be_written_ends_a_run_before_anything_is_sent(self):
        if subprocess.run([*BOUND, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("setpriv cannot give up root's power over files here")
        self.state.mkdir()
        words = [self.words()[0], "--rules", self.directory / "rules"]
        for mode, path in ((0o500, self.state), (0o500, self.state / "below"), (0o000, self.state / "below")):
            self.state.chmod(mode)
            with self.subTest(path, mode=oct(mode)):
                self.assertBound([*words, "--state", path], path)
                self.assertBound([*words, "--report", f"json={path}/report.json"], f"{path}/report.json")
        self.state.chmod(0o700)

    def assertBound(self, words, path):
        with peers.silent("127.0.0.11", 23) as telnet:
            done = self.bound(*words)
            self.assertEqual((done.returncode, telnet.accepted), (73, 0), done)
            self.assertIn(str(path), done.stderr)
            self.assertRegex(done.stderr, "Permission denied|No such file")
            self.assertIn("nothing was sent", done.stderr)

    def bound(self, *words):
        return subprocess.run([*BOUND, program(), *map(str, words)], capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, env=dict(os.environ))
