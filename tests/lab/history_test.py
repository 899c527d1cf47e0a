"""Runs that are kept: journal, resume after kill -9 at any instant, reports of past runs, what changed, what was touched."""

import datetime
import json
import os
import random
import signal
import sqlite3
import subprocess
import time

import network
import peers
import processes
import servers
from program import LabTest, limits, program, rule, targets

SOME = [f"127.0.1.{last}" for last in range(1, 40)]
OWN = {"id", "started", "finished", "command", "time", "elapsed", "first_seen", "last_seen"}  # what no two runs share


def timeless(value):
    """The report without what differs from run to run: times, and how often something was sent."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items()
                if key not in OWN and not key.startswith("probes_") and key != "probes"}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def portless(value):
    """Without our own ends of conversations, which the kernel chooses."""
    if isinstance(value, dict):
        return {key: portless(item) for key, item in value.items() if key != "local"}
    return [portless(item) for item in value] if isinstance(value, list) else value


def late(address, port, after):
    """Speaks after so many seconds."""
    def talk(connection, peer):
        if not peer.closing.wait(after):
            connection.sendall(f"port {port}\r\n".encode())
    return peers.serving(address, port, talk)


RULES = {"two.lua": rule('    return info("it answers", target:port(7000))', "lab.answers", 'requires = "nothing"'),
         "one.lua": rule('    return fail("a banner", target:banner(23))', "lab.banner", "ports = { 23 }")}


OF_ALL = """return rule {
  id = "lab.all", title = "All are looked at", severity = "medium", ports = { 7002 }, scope = "run",
  collect = function(target) return { banner = target:banner(7002) } end,
  check = function(run) return pass("of " .. run.collected) end,
}
"""


class HistoryTest(LabTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "state"

    def kept(self, text, *arguments, **options):
        return self.run_inventory(text, "--state", self.state, *arguments, rules=RULES, **options)

    def runs(self):
        done = self.audit("history", "--state", self.state, "--json")
        self.assertEqual(done.code, 0, done)
        return [json.loads(line) for line in done.out.splitlines()]

    def test_a_past_run_is_reported_again_to_the_byte(self):
        self.enterContext(servers.telnetd("127.0.0.11"))
        first = self.kept(targets("127.0.0.11", "127.0.0.12", "127.0.0.40/30"))
        self.assertEqual(first.code, 1, first)
        again = self.directory / "again.json"
        done = self.audit("report", "last", "--state", self.state, "--report", f"json={again}")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(again.read_bytes(), first.report_path.read_bytes())
        page = [self.audit("report", first.report["run"]["id"][:15], "--state", self.state, "--report", "html").out for _ in "12"]
        self.assertIn("</html>", page[0])
        self.assertEqual(*page)
        self.assertEqual([run["state"] for run in self.runs()], ["complete"])
        self.assertEqual(self.state.stat().st_mode & 0o777, 0o700)
        self.assertEqual({path.stat().st_mode & 0o777 for path in self.state.iterdir()}, {0o600})

    def test_kill_nine_at_random_instants_and_resume_give_the_report_of_an_uninterrupted_run(self):
        self.enterContext(servers.telnetd("127.0.1.5"))
        text = targets(*SOME, "127.0.2.0/27")
        transcript = self.directory / "run.transcript"
        recorded = self.run_inventory(text, "--record", transcript, rules=RULES)
        self.assertEqual(recorded.code, 1, recorded)
        words = [program(), str(self.directory / "inventory.toml"), "--rules", str(self.directory / "rules"), "--replay", str(transcript),
                 "--quiet"]
        whole = self.directory / "whole.json"
        began = time.monotonic()
        subprocess.run([*words, "--report", f"json={whole}"], capture_output=True, timeout=120, check=False)
        took = time.monotonic() - began
        expected = timeless(json.loads(whole.read_text()))
        chance = random.Random(7)
        died = number = 0
        kills = int(os.environ.get("AUDIT_LAB_KILLS", 200 / processes.PATIENCE))
        while died < kills:
            number += 1
            state = self.directory / f"state-{number}"
            path = self.directory / f"{number}.json"
            command = [*words, "--state", str(state), "--report", f"json={path}"]
            killed = 0
            while True:
                resume = ["--resume"] if self.unfinished(state) else []
                child = subprocess.Popen([*command, *resume], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.PIPE, start_new_session=True, preexec_fn=limits())
                if killed < 3:
                    time.sleep(chance.uniform(0, 1.2 * took))
                    os.killpg(child.pid, signal.SIGKILL)
                err = child.communicate(timeout=120)[1].decode()
                if child.returncode == -signal.SIGKILL:
                    killed += 1
                    died += 1
                    continue
                self.assertEqual(child.returncode, 1, err)
                break
            report = json.loads(path.read_text())
            self.assertEqual(timeless(report), expected, f"run {number}, killed {killed} times")
            self.assertEqual(self.audit("history", "check", "--state", state).code, 0)

    def test_kill_nine_while_targets_are_half_done_asks_only_checks_without_a_committed_end(self):
        hosts, ports = [f"127.0.4.{last}" for last in range(1, 5)], range(7001, 7007)
        chance = random.Random(11)
        for host in hosts:
            for port in ports:
                self.enterContext(late(host, port, chance.uniform(0.05, 1.5)))
        for port in ports:  # no sweep: each check is one connection
            self.write(f"rules/port{port}.lua", rule(f'    local said = target:banner({port}, {{ timeout = 60 }})\n    return pass(said.text, said)',
                                                     f"lab.port{port}", 'requires = "nothing"'))
        self.write("inventory.toml", targets(*hosts, head='[limits]\nper_target = 3\n'))
        transcript = self.directory / "run.transcript"
        words = [self.directory / "inventory.toml", "--rules", self.directory / "rules"]
        whole = self.audit(*words, "--record", transcript, report=True)
        self.assertEqual((whole.code, whole.report["summary"]["planned"]), (0, 24), whole)
        kills = int(os.environ.get("AUDIT_LAB_KILLS", max(3, int(12 / processes.PATIENCE))))
        while kills > 0:
            self.state = self.directory / f"half-{kills}"
            for _ in range(chance.randint(1, 3)):
                resume = ["--resume", "--on-overlap", "wait"] if self.unfinished(self.state) else []
                running = self.start(*words, "--state", self.state, *resume, report=True)
                time.sleep(chance.uniform(0, 2))
                os.killpg(running.child.pid, signal.SIGKILL)
                running.child.wait()
                kills -= 1
            ended = self.half_done() + len(ports) * self.records()
            resume = ["--resume", "--on-overlap", "wait"] if self.unfinished(self.state) else []
            replay = ["--replay", transcript] if kills % 2 else []
            done = self.audit(*words, "--state", self.state, "--trace", *resume, *replay, report=True)
            self.assertEqual(done.code, 0, done)
            if resume:
                asked = [line for line in done.err.splitlines() if "Z stream " in line]
                self.assertEqual(len(asked), 24 - ended, f"{ended} checks had a committed end\n{done}")
            # what a dead process had asked is counted as far as it could commit it: never less than was needed
            for count in ("asked", "sent"):
                self.assertGreaterEqual(done.report["summary"]["probes"][count], whole.report["summary"]["probes"][count], done)
            for part in ("summary", "rules", "targets", "checks"):
                self.assertEqual(portless(timeless(done.report[part])), portless(timeless(whole.report[part])), part)

    def records(self):
        try:
            with sqlite3.connect(f"file:{self.state}/audit.db?mode=ro", uri=True) as database:
                return database.execute("SELECT coalesce(sum(records), 0) FROM segments WHERE provisional = 0").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def test_a_report_tells_what_is_new_since_the_last_complete_run_and_tells_it_again(self):
        path, again = self.directory / "run.sarif", self.directory / "again.sarif"
        text = targets("127.0.0.11", "127.0.0.12")
        page = self.directory / "run.html"
        reports = ("--report", f"sarif={path}", "--report", f"html={page}", "--format", "markdown")

        def states():
            return {result["properties"]["target"]: result.get("baselineState") for result in
                    json.loads(path.read_text())["runs"][0]["results"]}
        with servers.telnetd("127.0.0.11"):
            self.assertEqual(self.kept(text, *reports).code, 1)
            self.assertEqual(states(), {"127.0.0.11": None})  # there was no run before
            first = json.loads(path.read_text())["runs"][0]["automationDetails"]["id"].rpartition("/")[2]
            self.assertNotIn('<data id="changes-new"', page.read_text())
            with servers.telnetd("127.0.0.12"):
                second = self.kept(text, *reports)
            self.assertEqual(states(), {"127.0.0.11": "unchanged", "127.0.0.12": "new"}, second)
            self.assertIn("1 new failure, 1 still failing", second.out)
            trend = page.read_text().partition('<section id="trend">')[2].partition("</section>")[0]
            self.assertIn(first, trend)  # how the run before came out, and this one
            self.assertIn(second.report["run"]["id"], trend)
            self.assertIn('<data id="changes-new" value="1">', page.read_text())
            rows = [line["file"] for line in (target.get("entry") for target in second.report["targets"]) if line]
            self.assertEqual(len(rows), 2)
            done = self.audit("report", "last", "--state", self.state, "--report", f"sarif={again}")
            self.assertEqual((done.code, again.read_bytes() == path.read_bytes()), (0, True), done)
        with peers.silent("127.0.0.11", 23):  # nobody could look: what failed stays open
            third = self.kept(text, *reports)
        self.assertEqual(states(), {"127.0.0.11": "unchanged"}, third)
        place = json.loads(path.read_text())["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        self.assertTrue(place["artifactLocation"]["uri"].endswith("inventory.toml"))
        self.assertEqual(place["region"]["startLine"], text.split("[[targets]]")[0].count("\n") + 1)
        self.assertUsage(self.audit("report", "last", "--state", self.state, "--report", f"sarif={again}", "--baseline", "nobody"),
                         "nobody")

    @staticmethod
    def unfinished(state):
        try:
            with sqlite3.connect(f"file:{state}/audit.db?mode=ro", uri=True) as database:
                return database.execute("SELECT count(*) FROM runs WHERE state != 'complete'").fetchone()[0] > 0
        except sqlite3.OperationalError:
            return False

    def test_a_stopped_run_is_reported_and_resumed_and_only_what_is_left_is_asked(self):
        slow = {"slow.lua": rule('    local conn <close> = target:connect(23)\n    conn:read_line({ timeout = 60 })\n'
                                 '    return info("ended", target:port(23))', "lab.slow", "ports = { 23 }")}
        mute = self.enterContext(peers.silent("127.0.0.11", 23))
        text = targets("127.0.0.11", "127.0.0.12", "127.0.0.13")
        self.write("inventory.toml", text)
        for name, lua in slow.items():
            self.write(f"rules/{name}", lua)
        running = self.start(self.directory / "inventory.toml", "--rules", self.directory / "rules", "--state", self.state,
                             "--seed", "1", report=True)
        while not self.committed(2):
            time.sleep(0.02)
        running.send(signal.SIGTERM)
        stopped = running.end()
        self.assertEqual(stopped.code, 143, stopped)
        self.assertEqual(stopped.status("lab.slow", "127.0.0.11"), ("not_reviewed", "stopped"))
        self.assertEqual([run["state"] for run in self.runs()], ["stopped"])
        again = self.directory / "stopped.json"
        self.assertEqual(self.audit("report", stopped.report["run"]["id"], "--state", self.state, "--report", f"json={again}").code, 0)
        self.assertEqual(again.read_bytes(), stopped.report_path.read_bytes())
        self.write("rules/slow.lua", rule('    return info("quick", target:port(23))', "lab.slow", "ports = { 23 }"))
        words = [self.directory / "inventory.toml", "--rules", self.directory / "rules", "--state", self.state, "--resume"]
        refused = self.audit(*words, report=True)
        self.assertMistake(refused, "rule lab.slow was changed since run", "Nothing was sent")
        self.write("rules/slow.lua", slow["slow.lua"])
        self.assertMistake(self.audit(*words, "--limit", "127.0.0.12", report=True), "--limit was changed")
        mute.close()
        self.enterContext(peers.saying("127.0.0.11", 23, b"late\n"))
        self.enterContext(servers.telnetd("127.0.0.12"))  # was looked at, and is not looked at again
        done = self.audit(*words, report=True)
        self.assertEqual(done.code, 0, done)
        self.assertEqual([done.status("lab.slow", target)[0] for target in ("127.0.0.11", "127.0.0.12")],
                         ["informational", "not_applicable"], done)
        self.assertEqual(done.report["run"]["id"], stopped.report["run"]["id"])
        self.assertEqual([run["state"] for run in self.runs()], ["complete"])
        self.assertEqual(len(self.runs()), 1)

    def test_a_resumed_run_has_the_targets_that_commands_named_when_it_began_and_runs_none_again(self):
        slow = rule('    local said = target:banner(7000, { timeout = 120 })\n    return info(said.text, said)', "lab.slow", 'requires = "nothing"')
        mute = self.enterContext(peers.silent("127.0.0.11", 7000))
        for address in ("127.0.0.12", "127.0.0.13"):
            self.enterContext(peers.saying(address, 7000, b"quick\n"))
        export = self.write("export", "#!/bin/sh\necho ran >>ran\necho 127.0.0.11\necho 127.0.0.12\n[ $(wc -l <ran) -gt 1 ] && echo 127.0.0.13\nexit 0\n")
        export.chmod(0o755)
        self.write("rules/slow.lua", slow)
        # the state directory is the inventory's own to name: it is known only once that is read
        self.write("inventory.toml", f'[history]\nstate = "{self.state}"\n[[sources]]\nformat = "text"\ncommand = ["./export"]\n')
        words = [self.directory / "inventory.toml", "--rules", self.directory / "rules", "--seed", "1", "--allow-commands"]
        running = self.start(*words)
        while not self.committed(1):
            time.sleep(0.02)
        os.killpg(running.child.pid, signal.SIGKILL)
        running.child.wait()
        began = self.runs()[0]["started"]
        mute.close()
        self.enterContext(peers.saying("127.0.0.11", 7000, b"late\n"))
        done = self.audit(*words[:-1], "--resume", "--on-overlap", "wait", report=True)  # nor need they be allowed again
        self.assertEqual(done.code, 0, done)
        self.assertEqual(sorted(target["id"] for target in done.report["targets"]), ["127.0.0.11", "127.0.0.12"])
        self.assertEqual((self.directory / "ran").read_text(), "ran\n")
        source = done.report["inventory"]["sources"][0]
        self.assertEqual((source["command"], source["targets"]), (["./export"], 2))
        self.assertLessEqual(source["time"], began)

    def half_done(self):
        """Checks of targets that are still open, whose end is committed."""
        try:
            with sqlite3.connect(f"file:{self.state}/audit.db?mode=ro", uri=True) as database:
                return database.execute("SELECT coalesce(sum(ended), 0) FROM parts").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def waiting_for_one(self):
        """A kept run whose only target has three checks that have ended, and one that waits; asked by a name's first address."""
        for number in (1, 2, 3):
            self.write(f"rules/quick{number}.lua", rule(f'    local said = target:banner(700{number})\n    return pass(said.text, said)',
                                                        f"lab.quick{number}", f"ports = {{ 700{number} }}"))
        self.write("rules/shared.lua", rule('    local said = target:banner(7001)\n    local slow = target:banner(7004, { timeout = 120 })\n'
                                            '    return pass(said.bytes .. slow.bytes, slow)', "lab.slow", 'ports = { 7004 }'))
        self.write("rules/all.lua", OF_ALL)
        quick = [self.enterContext(peers.saying("127.0.0.11", port, b"quick\r\n")) for port in (7001, 7002, 7003)]
        mute = self.enterContext(peers.silent("127.0.0.11", 7004))
        self.write("inventory.toml", targets("127.0.0.11"))
        words = [self.directory / "inventory.toml", "--rules", self.directory / "rules", "--state", self.state]
        running = self.start(*words, report=True)
        while self.half_done() < 4:  # what lab.all collects is one of them
            self.assertIsNone(running.child.poll(), "it ended before")
            time.sleep(0.02)
        return quick, mute, words, running

    def went_on(self, quick, before, done):
        self.assertEqual(done.code, 0, done)
        self.assertEqual([peer.accepted for peer in quick], before, "an ended check was asked again")
        self.assertEqual({done.status(f"lab.{name}", "127.0.0.11")[0] for name in ("quick1", "quick2", "quick3", "slow")}, {"pass"}, done)
        self.assertEqual(done.check("lab.all", "*")["message"], "of 1")
        self.assertEqual(done.check("lab.slow", "127.0.0.11")["message"], r"quick\r\nlate\r\n")
        self.assertEqual(self.half_done(), 0)
        self.assertEqual([run["state"] for run in self.runs()], ["complete"])

    def test_of_a_target_that_was_half_done_when_the_run_was_killed_only_the_rest_is_asked(self):
        quick, mute, words, running = self.waiting_for_one()
        os.killpg(running.child.pid, signal.SIGKILL)
        running.child.wait()
        mute.close()
        before = [peer.accepted for peer in quick]
        with peers.saying("127.0.0.11", 7004, b"late\r\n"):
            done = self.audit(*words, "--resume", "--on-overlap", "wait", report=True)
        self.went_on(quick, before, done)

    def test_of_a_target_that_was_half_done_when_the_run_was_stopped_only_the_rest_is_asked(self):
        quick, mute, words, running = self.waiting_for_one()
        running.send(signal.SIGTERM)
        stopped = running.end()
        self.assertEqual(stopped.code, 143, stopped)
        self.assertEqual(stopped.status("lab.slow", "127.0.0.11"), ("not_reviewed", "stopped"))
        mute.close()
        before = [peer.accepted for peer in quick]
        with peers.saying("127.0.0.11", 7004, b"late\r\n"):
            done = self.audit(*words, "--resume", report=True)
        self.went_on(quick, before, done)

    def test_of_a_target_that_was_half_done_when_the_worker_died_only_the_rest_is_asked(self):
        quick, mute, _, running = self.waiting_for_one()
        worker = int(subprocess.run(["pgrep", "-P", str(running.child.pid)], capture_output=True, text=True, check=True).stdout.split()[0])
        os.kill(worker, signal.SIGSTOP)  # or it ended the run, once nothing keeps it waiting
        mute.close()  # before the worker dies: its successor would ask it
        before = [peer.accepted for peer in quick]
        os.kill(worker, signal.SIGKILL)
        done = running.end()
        self.assertEqual([peer.accepted for peer in quick], before, "an ended check was asked again")
        self.assertEqual({done.status(f"lab.quick{number}", "127.0.0.11")[0] for number in (1, 2, 3)}, {"pass"}, done)

    def committed(self, wanted):
        try:
            with sqlite3.connect(f"file:{self.state}/audit.db?mode=ro", uri=True) as database:
                return (database.execute("SELECT coalesce(sum(records), 0) FROM segments").fetchone()[0] or 0) >= wanted
        except sqlite3.OperationalError:
            return False

    def test_what_changed_between_two_runs_is_told_and_decides_the_exit_code(self):
        telnet = self.enterContext(servers.telnetd("127.0.0.11"))
        text = targets("127.0.0.11", "127.0.0.12")
        self.assertEqual(self.kept(text).code, 1)
        self.assertEqual(self.kept(text).code, 1)
        same = self.audit("diff", "last~1", "last", "--state", self.state)
        self.assertEqual((same.code, "nothing changed: 1 still failing" in same.out), (0, True), same)
        telnet.end()
        self.enterContext(servers.telnetd("127.0.0.12"))
        self.assertEqual(self.kept(text).code, 1)
        for form in ("text", "json", "markdown", "html"):
            done = self.audit("diff", "last~1", "--state", self.state, "--format", form)
            self.assertEqual(done.code, 1, done)
            self.assertIn("127.0.0.12", done.out)
        told = json.loads(self.audit("diff", "last~1", "last", "--state", self.state, "--format", "json").out)
        self.assertEqual([told["summary"][key] for key in ("new", "fixed", "unknown_now")], [1, 1, 0], told)
        fresh = self.directory / "fresh.json"
        self.audit("report", "last", "--state", self.state, "--report", f"json={fresh}")
        by_file = self.audit("diff", "last~1", fresh, "--state", self.state, "--format", "json")
        self.assertEqual(json.loads(by_file.out)["summary"], told["summary"], by_file)

    def test_a_failure_after_a_night_that_could_not_see_it_is_told_as_new(self):
        """Whether it was mended in between nobody knows, and the louder word is the safe one."""
        rules = {"said.lua": rule('    return fail("it speaks", target:banner(7000, { timeout = 1 }))', "lab.said", "ports = { 7000 }")}
        codes = []
        for peer in (peers.hostile, peers.resetting, peers.hostile):
            with peer("127.0.0.11", 7000):
                done = self.run_inventory(targets("127.0.0.11"), "--state", self.state, rules=rules)
            codes.append(done.code)
        self.assertEqual(codes, [1, 2, 1])
        unknown = self.audit("diff", "last~2", "last~1", "--state", self.state)
        self.assertEqual((unknown.code, "1 unknown now" in unknown.out, "fixed" in unknown.out.splitlines()[0]), (2, True, False), unknown)
        again = self.audit("diff", "last~1", "last", "--state", self.state)
        self.assertEqual((again.code, "1 new failure" in again.out), (1, True), again)
        with peers.hostile("127.0.0.11", 7000):
            done = self.audit(self.directory / "inventory.toml", "--rules", self.directory / "rules", "--state", self.state,
                              "--baseline", "last~1", "--fail-on", "new:low")
        self.assertEqual(done.code, 1, done)

    def test_the_last_run_as_a_baseline_is_the_one_before(self):
        """Not the run itself, which is in the history by the time it is compared."""
        rules = {"said.lua": rule('    return fail("it is open", target:port(7000))', "lab.said")}
        more = ("--state", self.state, "--baseline", "last", "--fail-on", "new:low")
        self.assertEqual(self.run_inventory(targets("127.0.0.11"), "--state", self.state, rules=rules).code, 0)
        words = [self.directory / "inventory.toml", "--rules", self.directory / "rules", *more]
        with peers.hostile("127.0.0.11", 7000):
            self.assertEqual([self.audit(*words).code, self.audit(*words).code], [1, 0], "new, and still there")

    def test_a_json_report_is_compared_as_the_run_that_it_was_written_from(self):
        """Also where a key, a message or a target needs to be escaped."""
        rules = {"said.lua": rule('    local seen = target:banner(7000)\n'
                                  '    return fail("it says " .. seen.text, { seen }, { key = seen.text })', "lab.said", "ports = { 7000 }")}
        inventory = targets("127.0.0.11")
        path = self.directory / "first.json"
        with peers.saying("127.0.0.11", 7000, b"user DOM\\bob \x1b\xff\r\n"):
            first = self.run_inventory(inventory, "--state", self.state, rules=rules)
            path.write_bytes(first.report_path.read_bytes())
            for sides in ((path, "last"), ("last", path), (path, path)):
                done = self.audit("diff", *sides, "--state", self.state)
                self.assertEqual((done.code, "nothing changed: 1 still failing" in done.out), (0, True), done)
                done = self.audit("diff", "--observations", *sides, "--state", self.state)
                self.assertEqual(done.code, 0, done)
            again = self.audit(self.directory / "inventory.toml", "--rules", self.directory / "rules", "--baseline", path,
                               "--fail-on", "new:low")
            self.assertEqual(again.code, 0, again)

    def test_no_report_is_written_onto_the_history_another_or_a_key(self):
        self.kept(targets("127.0.0.12"))
        kept = self.state / "audit.db"
        before = kept.read_bytes()
        for words in (("run", "--target", "127.0.0.12", "--report", f"json={kept}"), ("report", "last", "--report", f"json={kept}"),
                      ("report", "last", "--bundle", kept), ("report", "last", "--report", f"json={kept}-wal"),
                      ("run", "--target", "127.0.0.12", "--report", f"json={self.state}/run-0.lock")):
            with self.subTest(words):
                self.assertUsage(self.audit(*words, "--state", self.state), "a report and the history cannot share")
        self.assertEqual(kept.read_bytes(), before)
        one, key = self.directory / "one", self.directory / "key"
        key.write_text("kept")
        for words in (("--report", f"json={one}", "--report", f"csv={one}"), ("--bundle", one, "--report", f"json={one}")):
            self.assertUsage(self.audit("report", "last", *words, "--state", self.state), f"two reports cannot share {one}")
        self.assertUsage(self.audit("report", "last", "--bundle", key, "--sign", key, "--state", self.state), "--sign cannot share")
        self.assertEqual((one.exists(), key.read_text()), (False, "kept"))

    def test_what_was_sent_to_an_address_is_listed_with_its_rule(self):
        self.enterContext(servers.telnetd("127.0.0.11"))
        self.kept(targets("127.0.0.11"))
        done = self.audit("history", "touched", "127.0.0.11", "--state", self.state, "--json")
        self.assertEqual(done.code, 0, done)
        told = [json.loads(line) for line in done.out.splitlines()]
        banner = [one for one in told if one["probe"] == "banner"]
        self.assertEqual([one["rules"] for one in banner], [["lab.banner"]], told)
        self.assertEqual(banner[0]["endpoint"], "tcp/127.0.0.11:23")
        self.assertTrue(banner[0]["local"].startswith("127.0.0."), told)
        self.assertIn("sweep", [one["probe"] for one in told])
        self.assertEqual(self.audit("history", "touched", "127.0.0.99", "--state", self.state).code, 1)
        self.assertEqual(self.audit("history", "touched", "nonsense", "--state", self.state).code, 64)

    def touched(self, address, *words):
        done = self.audit("history", "touched", address, "--state", self.state, "--json", *words)
        return [json.loads(line) for line in done.out.splitlines()]

    def test_what_a_rule_of_the_whole_run_asked_is_listed_though_no_check_of_the_target_has_it(self):
        self.enterContext(peers.saying("127.0.0.11", 7002, b"quick\r\n"))
        done = self.run_inventory(targets("127.0.0.11"), "--state", self.state, rules={"all.lua": OF_ALL})
        self.assertEqual(done.status("lab.all", "*")[0], "pass", done)
        asked = [(one["endpoint"], one["rules"]) for one in self.touched("127.0.0.11") if one["probe"] == "banner"]
        self.assertEqual(asked, [("tcp/127.0.0.11:7002", ["lab.all"])])

    def test_a_killed_run_is_asked_what_it_had_sent_to_a_target_that_was_open(self):
        _, _, _, running = self.waiting_for_one()
        os.killpg(running.child.pid, signal.SIGKILL)
        running.child.wait()
        told = self.touched("127.0.0.11")
        rules = sorted(rule for one in told for rule in one["rules"] if one["probe"] == "banner")
        self.assertEqual(rules, ["lab.all", "lab.quick1", "lab.quick2", "lab.quick3"], told)
        self.assertEqual([one["probe"] for one in told].count("sweep"), 1, told)
        self.assertEqual(self.touched("127.0.0.12"), [])

    def test_a_sweep_is_found_by_any_time_of_its_run_and_says_from_where_it_came(self):
        self.kept(targets("127.0.0.11"))
        with sqlite3.connect(self.state / "audit.db") as database:  # as if the run had taken three hours
            database.execute("UPDATE runs SET started = started - 3 * 3600 * 1000")
        sweep, = (one for one in self.touched("127.0.0.11") if one["probe"] == "sweep")
        self.assertIn("127.0.0.1", sweep["local"])
        until = datetime.datetime.fromisoformat(sweep["until"].replace("Z", "+00:00"))
        amid = (until - datetime.timedelta(minutes=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assertEqual([one["probe"] for one in self.touched("127.0.0.11", "--at", amid)], ["sweep"])
        self.assertEqual(self.touched("127.0.0.11", "--at", "2020-01-01T00:00:00Z"), [])

    def test_a_candidate_that_gave_no_sign_of_life_was_asked_all_the_same(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop("127.0.3.0/30")
            done = self.kept(targets("127.0.3.0/30", head="[limits]\ntimeout = \"200ms\"\nattempts = 1"))
            self.assertEqual(done.report["summary"]["dark"], 2, done)
        told = self.audit("history", "touched", "127.0.3.2", "--state", self.state, "--json")
        self.assertEqual([one["probe"] for one in map(json.loads, told.out.splitlines())], ["sweep"], told)
        self.assertEqual(self.audit("history", "touched", "127.0.3.4", "--state", self.state).code, 1)

    def test_runs_are_pinned_and_pruned(self):
        text = targets("127.0.0.12")
        for _ in range(4):
            self.kept(text)
        ids = [run["id"] for run in self.runs()]
        self.assertEqual(self.audit("history", "pin", ids[3], "--state", self.state).code, 0)
        would = self.audit("history", "prune", "--runs", "1", "--dry-run", "--state", self.state)
        self.assertEqual(would.out.count("would be removed"), 2, would)
        self.assertEqual(len(self.runs()), 4)
        self.audit("history", "prune", "--runs", "1", "--state", self.state)
        self.assertEqual([run["id"] for run in self.runs()], [ids[0], ids[3]])
        self.assertUsage(self.audit("history", "prune", "--state", self.state), "say what to keep")

    def test_a_history_that_cannot_be_written_ends_the_run_before_anything_is_sent(self):
        blocked = self.write("blocked", "a file where the directory should be")
        done = self.run_inventory(targets("127.0.0.12"), "--state", blocked / "state")
        self.assertEqual(done.code, 73, done)
        self.assertIn("nothing was sent", done.err)
        newer = self.directory / "newer"
        self.kept(targets("127.0.0.12"))
        self.state.rename(newer)
        with sqlite3.connect(newer / "audit.db") as database:
            database.execute("PRAGMA user_version = 99")
        done = self.run_inventory(targets("127.0.0.12"), "--state", newer)
        self.assertEqual(done.code, 73, done)
        self.assertIn("newer audit (schema 99", done.err)
        for words in (("history",), ("history", "pin", "last"), ("history", "touched", "127.0.0.12"), ("report", "last"),
                      ("diff", "last", "last"), ("run", "--target", "127.0.0.12", "--baseline", "last")):
            with self.subTest(words):
                done = self.audit(*words, "--state", newer)
                self.assertEqual(done.code, 73 if "pin" in words else 78, "what is there and cannot be read is no mistake of usage")
                self.assertIn("newer audit (schema 99", done.err)

    def test_history_says_what_it_needs(self):
        bare = {"AUDIT_STATE": ""}
        self.assertUsage(self.audit("history", environment=bare), "--state DIR")
        self.assertUsage(self.audit("report", "last", environment=bare), "--state DIR")
        self.assertUsage(self.audit("run", "--target", "127.0.0.12", "--resume", environment=bare), "--state DIR")
        missing = self.audit("history", "--state", self.state)
        self.assertUsage(missing, "there is no history")
        for words in (("history", "pin", "last"), ("history", "prune", "--runs", "1"), ("history", "touched", "127.0.0.1"), ("report", "last")):
            self.assertUsage(self.audit(*words, "--state", self.state), "there is no history")
        self.assertFalse(self.state.exists(), "what only looks makes no history")
        self.kept(targets("127.0.0.12"))
        self.assertUsage(self.audit("report", "nonsense", "--state", self.state), "there is no run `nonsense`")
        none = self.run_inventory(targets("127.0.0.13"), "--state", self.directory / "other", "--resume")
        self.assertUsage(none, "there is no history")

    def hanging(self):
        """A kept run that waits for a peer which never speaks, once all its other targets are in the history."""
        mute = self.enterContext(peers.silent("127.0.0.11", 23))
        self.write("inventory.toml", targets("127.0.0.11", "127.0.0.12", "127.0.0.13"))
        self.write("rules/slow.lua", rule('    local conn <close> = target:connect(23)\n    conn:read(1000, { timeout = 120 })\n'
                                          '    return info("ended", target:port(23))', "lab.slow", "ports = { 23 }"))
        words = [self.directory / "inventory.toml", "--rules", self.directory / "rules", "--state", self.state]
        running = self.start(*words, report=True)
        while not self.committed(2):
            time.sleep(0.02)
        return mute, words, running

    def test_one_run_of_an_inventory_goes_on_at_a_time(self):
        _, words, running = self.hanging()
        second = self.audit(*words)
        self.assertEqual(second.code, 75, second)
        self.assertIn(str(running.child.pid), second.err)
        self.assertEqual(self.audit(*words, "--on-overlap", "skip").code, 0)
        self.assertUsage(self.audit(*words, "--on-overlap", "nonsense"), "skip")
        os.killpg(running.child.pid, signal.SIGKILL)
        running.child.wait()
        self.assertEqual(len(self.runs()), 1)
        third = self.audit(*words, "--limit", "127.0.0.12")
        self.assertEqual(third.code, 0, third)

    def test_a_run_whose_worker_is_killed_goes_on_by_itself_and_asks_only_what_is_left(self):
        mute, _, running = self.hanging()
        worker = int(subprocess.run(["pgrep", "-P", str(running.child.pid)], capture_output=True, text=True, check=True).stdout.split()[0])
        self.enterContext(servers.telnetd("127.0.0.12"))  # was looked at, and is not looked at again
        os.kill(worker, signal.SIGKILL)
        mute.close()
        done = running.end()
        self.assertEqual(done.status("lab.slow", "127.0.0.12")[0], "not_applicable", done)
        self.assertTrue(any("died" in notice for notice in done.report["notices"]), done.report["notices"])
        self.assertEqual([run["state"] for run in self.runs()], ["complete"])

    def test_a_run_can_fail_on_what_is_new_only(self):
        first = self.enterContext(servers.telnetd("127.0.0.11"))
        text = targets("127.0.0.11", "127.0.0.12")
        words = [self.write("inventory.toml", text), "--rules", self.directory / "rules", "--state", self.state, "--fail-on", "new:low"]
        for name, lua in RULES.items():
            self.write(f"rules/{name}", lua)
        report = self.directory / "first.json"
        begun = self.audit(*words, "--report", f"json={report}")
        self.assertEqual((begun.code, "every failure counts as new" in begun.err), (1, True), begun)
        self.assertEqual(self.audit(*words).code, 0)
        with servers.telnetd("127.0.0.12"):
            self.assertEqual(self.audit(*words).code, 1)
            self.assertEqual(self.audit(*words).code, 0)
            self.assertEqual(self.audit(*words, "--baseline", report).code, 1)
        first.end()
        self.assertEqual(self.audit(*words).code, 0)
        self.assertUsage(self.audit(*words, "--baseline", "nonsense"), "there is no run `nonsense`")

    def test_runs_beyond_keep_are_removed(self):
        text = targets("127.0.0.12") + '[history]\nstate = "past"\nkeep = { runs = 2 }\n'
        for _ in range(4):
            self.run_inventory(text, rules=RULES)
        self.state = self.directory / "past"
        self.assertEqual(len(self.runs()), 2)
