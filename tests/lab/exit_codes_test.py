"""The exit code, which scripts act on: one test for each, and for what it must not be confused with."""

import contextlib
import signal
import subprocess
import threading

import network
import peers
import servers
from processes import wait_until
from program import LabTest, program, rule, targets

TELNET_RULE = 'select = "exposure.telnet-open"'


class ExitCodeTest(LabTest):
    def test_0_where_all_was_seen_and_nothing_is_wrong(self):
        done = self.run_inventory(targets("127.0.0.14", head=TELNET_RULE))
        self.assertEqual(done.code, 0, done)

    def test_1_where_a_rule_fails(self):
        with peers.saying("127.0.0.11", 23, b"login: "):
            done = self.run_inventory(targets("127.0.0.11", head=TELNET_RULE))
        self.assertEqual(done.code, 1, done)

    def test_1_only_at_or_above_the_threshold(self):
        lua = rule('    return fail("as ever", target:port(7000))')  # of medium severity
        with peers.silent("127.0.0.11", 7000):
            for fail_on, code in (("never", 0), ("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("info", 1)):
                with self.subTest(fail_on):
                    done = self.run_inventory(targets("127.0.0.11"), fail_on=fail_on, rules={"lab/rule.lua": lua})
                    self.assertEqual(done.code, code, done)

    def test_the_threshold_may_stand_in_the_inventory_and_the_option_wins(self):
        lua = rule('    return fail("as ever", target:port(7000))')
        with peers.silent("127.0.0.11", 7000):
            text = targets("127.0.0.11", head='fail_on = "high"')
            self.write("rules/lab/rule.lua", lua)
            path = self.write("inventory.toml", text)
            words = [path, "--rules", self.directory / "rules"]
            self.assertEqual(self.audit(*words, report=True).code, 0)
            self.assertEqual(self.audit(*words, "--fail-on", "medium", report=True).code, 1)

    def test_2_where_too_little_was_seen(self):
        with network.no_route("198.51.100.0/24"):
            done = self.run_inventory(targets("198.51.100.1", "127.0.0.14", head=TELNET_RULE))
        self.assertEqual(done.code, 2, done)

    def test_0_where_the_inventory_is_content_with_less(self):
        with network.no_route("198.51.100.0/24"):
            done = self.run_inventory(targets("198.51.100.1", "127.0.0.14",
                                              head=TELNET_RULE + "\nrequire_coverage = 0.5"))
        self.assertEqual(done.code, 0, done)

    def test_2_where_nothing_was_planned(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop("127.0.9.0/29")
            text = targets("127.0.9.0/29", head=TELNET_RULE + '\n[limits]\ntimeout = "200ms"\nattempts = 1')
            done = self.run_inventory(text)
        self.assertEqual((done.code, done.summary["planned"]), (2, 0), done)

    def test_3_where_both_hold(self):
        with network.no_route("198.51.100.0/24"), peers.saying("127.0.0.11", 23, b"login: "):
            done = self.run_inventory(targets("198.51.100.1", "127.0.0.11", head=TELNET_RULE))
        self.assertEqual(done.code, 3, done)

    def test_64_for_wrong_words_on_the_command_line(self):
        path = self.write("inventory.toml", targets("127.0.0.14"))
        (self.directory / "there").mkdir()
        (self.directory / "link").symlink_to(path)
        for words in ([], ["run"], ["--no-such-option"], [path, "--fail-on", "sometimes"], [path, "--seed", "many"],
                      [path, "--report", "papyrus=x"], [path, "extra"], ["probe"], ["probe", "smell", "127.0.0.1"],
                      ["probe", "port", "127.0.0.1"], ["run", path, "--target", "127.0.0.1"],
                      [path, "--max-runtime", "soon"],
                      [path, "--select", "ssh and"], [path, "--select", "no.such-rule"], [path, "--limit", "10.0.0.0/33"],
                      [path, "--limit", "10.0.0.1"], [path, "--rules", self.directory / "absent"],
                      ["run", "--target", "10.0.0.300"], ["run", "--target", "127.0.0.14", "--limit", "10.0.0.1"],
                      [self.directory / "absent.toml"], ["plan", path, "--select", "ssh and"],
                      ["plan", path, "--limit", "10.0.0.1"], ["plan", path, "--rules", f"+{self.directory / 'absent'}"],
                      ["plan", "--target", "10.0.0.300"], ["inventory", "--target", "10.0.0.300"],
                      ["inventory", self.directory / "absent.toml"], ["baseline", self.directory / "absent.toml"],
                      ["notify"], ["notify", "test"], ["notify", "test", self.directory / "absent.toml"], ["notify", "test", path],
                      ["rules", "list", "--rules", self.directory / "absent"], ["rules", "list", "--select", "ssh and"],
                      ["rules", "show", "no.such-rule"], ["rules", "check", self.directory / "absent"],
                      ["rules", "frameworks", "--rules", self.directory / "absent"],
                      [path, "--replay", self.directory / "absent"],
                      [path, "--report", "json=same", "--report", "html=same"],
                      [path, "--report", "json=same", "--report", "html=./same"],
                      [path, "--report", f"json={self.directory}/there/../new", "--report", f"json={self.directory / 'new'}"],
                      [path, "--report", f"json={path}"], [path, "--report", f"json={self.directory / 'link'}"]):
            with self.subTest(words):
                done = self.audit(*words)
                self.assertEqual((done.code, done.out), (64, ""), done)
                self.assertNotEqual(done.err, "")

    def test_0_for_help_and_version(self):
        for words in (["--help"], ["--version"], ["run", "--help"], ["plan", "--help"], ["probe", "--help"],
                      ["probe", "port", "--help"]):
            with self.subTest(words):
                done = self.audit(*words)
                self.assertEqual((done.code, done.err), (0, ""), done)
                self.assertNotEqual(done.out, "")

    def test_73_before_anything_is_asked_where_a_report_could_not_be_written(self):
        read_only = self.directory / "read-only"
        read_only.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "lab", read_only], check=True)
        self.addCleanup(subprocess.run, ["umount", read_only], check=True)
        kept = self.write("kept.json", "{}")
        before = sorted(self.directory.rglob("*"))
        inventory = self.write("inventory.toml", targets("127.0.0.11", head=TELNET_RULE))
        for path, why in ((self.directory / "no/such/folder/report.html", "No such file or directory"),
                          (self.directory, "Is a directory"), (read_only / "report.html", "Read-only file system"),
                          (kept / "report.html", "Not a directory"), (self.directory / ("x" * 300), "File name too long")):
            with self.subTest(path), peers.silent("127.0.0.11", 23) as telnet:
                done = self.audit(inventory, "--report", f"json={kept}", "--report", f"html={path}")
                self.assertEqual((done.code, done.out, telnet.accepted), (73, "", 0), done)
                self.assertIn(f"{path}: the report could not be written: {why}; nothing was sent", done.err)
                self.assertEqual(kept.read_text(), "{}")
        self.assertEqual(sorted(self.directory.rglob("*")), sorted([*before, inventory]))

    def test_73_where_a_report_cannot_be_written_in_the_end_and_the_result_is_printed_all_the_same(self):
        with servers.telnetd("127.0.0.11"):
            done = self.run_inventory(targets("127.0.0.11", head=TELNET_RULE), "--report", "html=/dev/full")
        self.assertTold(done, "/dev/full")

    def test_73_where_the_folder_of_a_report_goes_away_in_the_run(self):
        folder = self.directory / "reports"
        folder.mkdir()
        gone = threading.Event()

        def speak(connection, _):
            with contextlib.suppress(FileNotFoundError):
                folder.rmdir()
            gone.set()
            connection.sendall(b"login: ")

        with peers.serving("127.0.0.11", 23, speak):
            done = self.run_inventory(targets("127.0.0.11", head=TELNET_RULE), "--report", f"html={folder / 'r.html'}")
        self.assertTrue(gone.is_set())
        self.assertTold(done, str(folder))

    def assertTold(self, done, path):
        self.assertEqual(done.code, 73, done)
        self.assertIn(path, done.err, done)
        self.assertIn("exposure.telnet-open", done.out, done)
        self.assertEqual(done.failures(), [("exposure.telnet-open", "127.0.0.11")])

    def test_73_where_standard_output_is_full(self):
        path = self.write("inventory.toml", targets("127.0.0.14", head=TELNET_RULE))
        for report in (["--report", "json"], ["--report", "text"], []):
            with self.subTest(report), open("/dev/full", "wb") as full:
                done = subprocess.run([program(), str(path), *report], stdout=full, stderr=subprocess.PIPE,
                                      stdin=subprocess.DEVNULL, check=False, timeout=60)
                self.assertEqual(done.returncode, 73, done)
                self.assertIn(b"standard output", done.stderr)

    def test_73_where_what_a_command_prints_gets_nowhere(self):
        path = self.write("inventory.toml", targets("127.0.0.14", head=TELNET_RULE))
        for words in (["plan", path], ["inventory", path], ["inventory", path, "--format", "json"], ["rules", "list"],
                      ["rules", "show", "ssh.version", "--json"], ["rules", "frameworks"], ["baseline", path, "--sweep", "1"]):
            with self.subTest(words), open("/dev/full", "wb") as full:
                done = subprocess.run([program(), *map(str, words)], stdout=full, stderr=subprocess.PIPE,
                                      stdin=subprocess.DEVNULL, check=False, timeout=60)
                self.assertEqual(done.returncode, 73, done)
                self.assertEqual(done.stderr.count(b"standard output could not be written"), 1, done)

    def test_a_standard_stream_that_is_closed_is_no_file_that_the_run_opens(self):
        path, state = self.write("inventory.toml", targets("127.0.0.14", head=TELNET_RULE)), self.directory / "state"
        for stream, code in ((0, 0), (1, 73), (2, 0)):
            with self.subTest(stream):
                done = subprocess.run(["bash", "-c", f'exec {stream}>&-; exec "$@"', "bash", program(), str(path), "--state", str(state)],
                                      capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=60)
                self.assertEqual(done.returncode, code, done)
                self.assertEqual([lock.name for lock in state.glob("*.lock") if b"HOSTS" in lock.read_bytes()], [])
                self.assertEqual(self.audit("history", "check", "--state", state).code, 0)

    def test_a_slip_on_the_command_line_is_named_with_its_command_and_what_may_have_been_meant(self):
        path = self.write("inventory.toml", targets("127.0.0.14"))
        for words, said in ((["rules", "lst"], "audit rules: there is no command `lst`; did you mean `list`?"),
                            (["rules"], "audit rules: name a command: list, "),
                            (["histroy"], "did you mean the command `history`?"),
                            ([path, "--repotr", "html"], "audit run: there is no option `--repotr`; did you mean `--report`?"),
                            (["watch", path, "--jiter=1s"], "audit watch: there is no option `--jiter`; did you mean `--jitter`?"),
                            ([path, "more"], "audit run: `more` is one word too many; `audit run --help` tells more"),
                            ([path, "--seed", "many"], "audit run: --seed takes N, not `many`"),
                            ([path, "--seed", "-1"], "a number from 0 is needed, not `-1`"),
                            (["watch", path, "--rounds", "-1"], "a number from 0 is needed, not `-1`"),
                            ([path, "--report", "pdf=x"], "no format `pdf`, did you mean `hdf`? There are"),
                            (["probe", "tls", "127.0.0.14", "443", "--starttls", "foo"], "must be one of smtp"),
                            (["probe", "http", "http://127.0.0.14/", "--method", "G T"], "is no token")):
            with self.subTest(words):
                done = self.audit(*words)
                self.assertEqual((done.code, done.out), (64, ""), done)
                self.assertIn(said, done.err)

    def test_78_for_a_bad_inventory_or_rule(self):
        self.assertMistake(self.run_inventory(targets("127.0.0.1", head='select = "ssh and"')), "inventory.toml:4:")
        self.assertMistake(self.run_inventory(targets("127.0.0.1", head='select = "no.such-rule"')), "inventory.toml:4:")
        self.assertMistake(self.audit(self.write("bad.toml", "schema = 1\n[[targets]\n")), "bad.toml:2")
        self.assertMistake(self.run_inventory(targets("127.0.0.1"), rules={"lab/bad.lua": "return rule {"}), "bad.lua")


class StopTest(LabTest):
    """A run that is stopped says so, writes its reports, and passes nothing that it did not see."""

    INVENTORY = targets("127.0.0.14", "127.0.0.20", "127.0.0.21", head='[limits]\ntimeout = "30s"')
    # The first conversation has the sweep's connection, the second one makes its own.
    RULES = {"lab/slow.lua": rule('    local first <close> = target:connect(7000)\n'
                                  '    return info("it spoke", target:banner(7000))', "lab.slow"),
             "lab/quick.lua": rule('    return pass("open", target:port(7001))', "lab.quick", "ports = { 7001 }")}

    def stop(self, *arguments, by=signal.SIGINT, sent=1):
        with peers.silent("127.0.0.20", 7000) as first, peers.silent("127.0.0.21", 7000) as second:
            for name, lua in self.RULES.items():
                self.write(f"rules/{name}", lua)
            path = self.write("inventory.toml", self.INVENTORY)
            running = self.start(path, "--rules", self.directory / "rules", "--report",
                                 f"html={self.directory / 'report.html'}", *arguments, report=True)
            wait_until("both conversations", lambda: first.accepted > 1 and second.accepted > 1)
            for _ in range(sent):
                if by is not None:
                    running.send(by)
            return running.end(20)

    def assertStopped(self, done):
        self.assertIsNotNone(done.report, done)
        self.assertFalse(done.report["run"]["complete"], done)
        for target in ("127.0.0.20", "127.0.0.21"):
            self.assertEqual(done.status("lab.slow", target), ("not_reviewed", "stopped"), done)
        self.assertEqual(done.summary["planned"], 6, done)
        self.assertLess(done.seconds, 15)
        self.assertIn("stopped", (self.directory / "report.html").read_text(encoding="utf-8"))

    def test_130_after_sigint_with_the_reports_written(self):
        done = self.stop()
        self.assertEqual(done.code, 130, done)
        self.assertStopped(done)

    def test_143_after_sigterm_with_the_reports_written(self):
        done = self.stop(by=signal.SIGTERM)
        self.assertEqual(done.code, 143, done)
        self.assertStopped(done)

    def test_2_after_the_longest_time_allowed(self):
        done = self.stop("--max-runtime", "2s", by=None)
        self.assertEqual(done.code, 2, done)
        self.assertStopped(done)

    def test_a_second_sigint_does_not_lose_the_reports_that_are_being_written(self):
        done = self.stop(sent=2)
        self.assertEqual(done.code, 130, done)
        self.assertStopped(done)
