"""`audit watch`: what changes is said once, after as many equal results as were asked for, and nothing else is; days leave no trace.

Peers answer by counts and tests wait for rounds: no clock decides."""

import json
import os
import pathlib
import re
import signal
import subprocess
import threading

import network
import peers
import processes
from processes import wait_until
from program import LabTest, limits, program, rule, targets
from prometheus_test import checked, samples

HOST = "127.0.0.11"
# An answer that is merely late must not be none: a sanitizer on a busy machine takes its time.
FAST = f'[limits]\ntimeout = "{int(500 * processes.PATIENCE)}ms"\nattempts = 1'
OFTEN = {"AUDIT_WATCH_LEAST": "1ms"}
ASKS = rule("""    local conn <close> = target:connect(7000)
    conn:write("how is it\\n")
    local said = conn:read_line()
    if said == "bad" then return fail("it says bad", target:port(7000)) end
    return pass("it says " .. said, target:port(7000))""", "lab.asks")
OPEN = rule('    return pass("it listens", target:port(7000))', "lab.open")


class Answers:
    """Answers the questions it is asked with these words, one after the other, the last one again and again; hangs up at None."""

    def __init__(self, *words):
        self.words, self.asked, self._lock = words, 0, threading.Lock()

    def __call__(self, connection, peer):
        question = b""
        while not question.endswith(b"\n"):
            piece = connection.recv(100)
            if not piece:
                return
            question += piece
        with self._lock:
            word = self.words[min(self.asked, len(self.words) - 1)]
            self.asked += 1
        if word is not None:
            connection.sendall(word + b"\n")


def worker_of(running):
    pid = running.child.pid
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


class WatchLab(LabTest):
    """A test that watches."""

    def watch(self, *words, lua=OPEN, hosts=(HOST,), every="100ms", environment=None, before=None):
        """A watch under way, its lines in JSON."""
        self.write("rules/lab/rule.lua", lua)
        inventory = self.write("inventory.toml", targets(*hosts, head=FAST))
        return self.start("watch", inventory, "--rules", self.directory / "rules", "--every", every, "--json", *words,
                          environment=environment, before=before)

    @staticmethod
    def lines(running):
        whole = running._text("out").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def of(self, running, event):
        return [line for line in self.lines(running) if line["event"] == event]

    def round(self, running):
        """The last round that ended."""
        return max((line["round"] for line in self.of(running, "round")), default=0)

    def wait_for_round(self, running, number):
        wait_until(f"round {number}", lambda: self.round(running) >= number or running.child.poll() is not None, 60)
        self.assertIsNone(running.child.poll(), running._text("err"))

    def flips(self, running, kind):
        return [(line["from"], line["to"]) for line in self.of(running, "change") if line["kind"] == kind]

    def wait_for_flip(self, running, kind, flip):
        wait_until(f"{kind} {flip}", lambda: flip in self.flips(running, kind) or running.child.poll() is not None, 60)
        return next(line for line in self.of(running, "change") if (line["kind"], line["from"], line["to"]) == (kind, *flip))

    def end(self, running, number=signal.SIGTERM):
        running.send(number)
        return running.end()


class WatchTest(WatchLab):
    def test_a_server_that_is_stopped_and_started_is_said_once_each_after_three_rounds(self):
        with peers.silent(HOST, 7000):
            running = self.watch()
            self.wait_for_round(running, 2)
        closed_after = self.round(running)
        change = self.wait_for_flip(running, "port", ("open", "closed"))
        self.assertGreaterEqual(change["round"], closed_after + 3)
        self.assertEqual((change["target"], change["endpoint"]), (HOST, f"tcp/{HOST}:7000"))
        self.wait_for_flip(running, "check", ("pass", "not_applicable"))
        with peers.silent(HOST, 7000):
            self.wait_for_flip(running, "port", ("closed", "open"))
            self.wait_for_flip(running, "check", ("not_applicable", "pass"))
            self.wait_for_round(running, self.round(running) + 4)
            done = self.end(running)
        self.assertEqual(done.code, 143, done)
        self.assertEqual(self.flips(running, "port"), [("open", "closed"), ("closed", "open")])
        self.assertEqual(self.flips(running, "check"), [("pass", "not_applicable"), ("not_applicable", "pass")])
        self.assertEqual(self.flips(running, "target"), [])
        baseline = {(line["kind"], line.get("endpoint", line.get("rule", ""))): line["to"] for line in self.of(running, "baseline")}
        self.assertEqual(baseline, {("target", ""): "up", ("port", f"tcp/{HOST}:7000"): "open", ("check", "lab.open"): "pass"})
        summary, = self.of(running, "summary")
        self.assertEqual((summary["sent"], summary["received"], summary["loss"]), (self.round(running), self.round(running), 0))
        self.assertGreater(summary["rtt_avg"], 0)

    def test_results_that_do_not_last_are_no_change_and_unknown_is_never_a_pass(self):
        answers = Answers(b"good", b"good", b"bad", b"bad", b"good", b"bad", b"bad", b"bad",  # fail from round 8 on
                          None, None, None,                                                  # unknown from round 11 on
                          b"good", b"good", None, b"good", b"good", b"good", b"good")        # pass from round 17 on
        with peers.serving(HOST, 7000, answers):
            running = self.watch("--rounds", "18", lua=ASKS)
            done = running.end()
        self.assertEqual((done.code, answers.asked), (0, 18), done)
        said = [(line["round"], line["from"], line["to"]) for line in self.of(running, "change") if line["kind"] == "check"]
        self.assertEqual(said, [(8, "pass", "fail"), (11, "fail", "unknown"), (17, "unknown", "pass")], done)
        unknown = next(line for line in self.of(running, "change") if line["to"] == "unknown")
        self.assertRegex(unknown["message"], r"^error \(\w+\): ")
        self.assertEqual([(line["check"]) for line in self.of(running, "round")][-2:], [{"pass": 1}] * 2)

    def test_with_rounds_the_exit_code_is_that_of_the_last(self):
        for words, fail_on, code in (((b"good", b"bad"), (), 1), ((b"bad", b"good"), (), 0), ((b"good", None), (), 2),
                                     ((b"good", b"bad"), ("--fail-on", "never"), 0)):
            with self.subTest(words), peers.serving(HOST, 7000, Answers(*words)):
                done = self.watch("--rounds", "2", *fail_on, lua=ASKS).end()
                self.assertEqual(done.code, code, done)

    def test_a_host_that_falls_silent_is_down_what_it_offered_unknown_and_its_losses_are_counted(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with peers.silent(HOST, 7000):
            running = self.watch("--confirm", "2")
            self.wait_for_round(running, 1)
            with network.firewall() as firewall:
                firewall.drop(HOST)
                self.wait_for_flip(running, "target", ("up", "down"))
                self.wait_for_flip(running, "port", ("open", "unknown"))
                change = self.wait_for_flip(running, "check", ("pass", "unknown"))
                self.assertIn("not_reviewed (unreachable)", change["message"])
            self.wait_for_flip(running, "target", ("down", "up"))
            self.wait_for_flip(running, "check", ("unknown", "pass"))
            done = self.end(running, signal.SIGINT)
        self.assertEqual(done.code, 130, done)
        summary, = self.of(running, "summary")
        self.assertGreaterEqual(summary["sent"] - summary["received"], 2)
        self.assertAlmostEqual(summary["loss"], 1 - summary["received"] / summary["sent"])

    def test_an_address_of_a_range_that_comes_up_is_new_and_one_that_goes_is_down(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop("127.0.9.2")
            running = self.watch("--confirm", "2", hosts=("127.0.9.1-127.0.9.2",))
            self.wait_for_round(running, 3)
            self.assertEqual([line["target"] for line in self.of(running, "baseline") if line["kind"] == "target"], ["127.0.9.1"])
        change = self.wait_for_flip(running, "target", ("new", "up"))
        self.assertEqual(change["target"], "127.0.9.2")
        with network.firewall() as firewall:
            firewall.drop("127.0.9.2")
            self.wait_for_flip(running, "target", ("up", "down"))
        self.end(running)

    def test_a_round_that_takes_longer_skips_those_it_is_in_the_way_of_and_says_so(self):
        may = threading.Event()

        def talk(connection, peer):
            connection.recv(100)
            may.wait(1.0)  # longer than several rounds
            connection.sendall(b"good\n")

        self.write("rules/lab/rule.lua", ASKS)
        inventory = self.write("inventory.toml", targets(HOST, head='[limits]\ntimeout = "9s"'))
        with peers.serving(HOST, 7000, talk):
            running = self.start("watch", inventory, "--rules", self.directory / "rules", "--every", "100ms", "--jitter", "0",
                                 "--json", "--rounds", "2")
            done = running.end()
        first, last = self.of(running, "round")
        self.assertGreaterEqual(first["skipped"], 8, done)
        self.assertGreaterEqual(last["skipped"], 2 * 8, done)
        self.assertIn("rounds skipped", done.err)

    def test_the_metrics_are_whole_whenever_they_are_read_and_promtool_accepts_them(self):
        path = self.directory / "audit.prom"
        answers = Answers(b"good", b"bad")
        with peers.serving(HOST, 7000, answers):
            running = self.watch("--textfile", path, "--confirm", "3", lua=ASKS)
            self.wait_for_round(running, 1)
            reads = 0
            while self.round(running) < 6:
                self.assertIsNone(running.child.poll(), running._text("err"))
                found = samples(path)
                state = next(dict(labels)["status"] for name, labels in found if name == "audit_check_status")
                rounds = found["audit_watch_rounds_total", ()]
                self.assertEqual(state, "pass" if rounds < 4 else "fail")
                self.assertEqual(found["audit_series_left_out", (("metric", "audit_check_status"),)], 0)
                self.assertEqual(found["audit_watch_unconfirmed", (("kind", "check"),)], 1 if rounds in (2, 3) else 0)
                reads += 1
            self.end(running)
        self.assertGreater(reads, 5)
        self.assertEqual(checked(path), (0, ""))
        found = samples(path)
        target = (("target", HOST),)
        self.assertEqual((found["audit_target_up", target], found["audit_target_loss_ratio", target]), (1, 0))
        self.assertEqual(found["audit_port_open", (*target, ("endpoint", f"tcp/{HOST}:7000"))], 1)
        self.assertGreater(found["audit_target_rtt_seconds", target], 0)
        self.assertEqual(found["audit_target_echoes_sent_total", target], found["audit_watch_rounds_total", ()])
        self.assertEqual([name for name in os.listdir(self.directory) if ".part-" in name], [])

    def test_a_process_that_dies_costs_a_round_and_nothing_that_was_known(self):
        with peers.silent(HOST, 7000):
            running = self.watch()
            self.wait_for_round(running, 3)
            first = worker_of(running)
            os.kill(first, signal.SIGKILL)
            before = self.round(running)
            self.wait_for_round(running, before + 2)
            self.assertNotEqual(worker_of(running), first)
        self.wait_for_flip(running, "port", ("open", "closed"))
        done = self.end(running)
        self.assertEqual(done.code, 143, done)
        self.assertIn("died (signal 9", done.err)
        rounds = [line["round"] for line in self.of(running, "round")]
        self.assertEqual(sorted(set(rounds)), list(range(1, max(rounds) + 1)))
        self.assertEqual({line["round"] for line in self.of(running, "baseline")}, {1})
        self.assertEqual(self.flips(running, "port"), [("open", "closed")])

    def test_sigusr1_prints_a_summary_and_the_watch_goes_on(self):
        with peers.silent(HOST, 7000):
            running = self.watch()
            self.wait_for_round(running, 2)
            running.send(signal.SIGUSR1)
            wait_until("the summary", lambda: self.of(running, "summary"))
            self.wait_for_round(running, self.round(running) + 2)
            done = self.end(running)
        self.assertEqual((done.code, len(self.of(running, "summary"))), (143, 2), done)

    def test_people_are_told_in_lines_what_a_hostile_peer_says_as_text(self):
        self.write("rules/lab/rule.lua", rule('    local banner = target:banner(7000)\n'
                                              '    return fail("it says " .. banner.text, banner)'))
        inventory = self.write("inventory.toml", targets(HOST, head=FAST))
        path = self.directory / "audit.prom"
        with peers.hostile(HOST, 7000):
            done = self.start("watch", inventory, "--rules", self.directory / "rules", "--every", "100ms", "--rounds", "2",
                              "--textfile", path).end()
        self.assertEqual(done.code, 1, done)
        self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.out + done.err), done)
        lines = done.out.splitlines()
        self.assertRegex(lines[0], rf"^\S+Z baseline: target {re.escape(HOST)}: up; ")
        self.assertRegex(lines[2], r"^\S+Z baseline: check lab.rule on \S+: fail; it says <script>")
        self.assertRegex(lines[3], r"^\S+Z baseline: targets: 1 up; ports: 1 open; checks: 1 fail$")
        self.assertRegex(lines[4], r"^\S+Z 2 rounds, \d+ skipped; ")
        self.assertRegex(lines[5], rf"^  {re.escape(HOST)}: 2 sent, 2 received, loss 0.0 %, rtt min/avg/max ")
        self.assertEqual(len(lines), 6, done)
        self.assertEqual(checked(path), (0, ""))

    def test_hundreds_of_rounds_leave_memory_and_descriptors_as_they_were(self):
        with peers.serving(HOST, 7000, Answers(b"good")):
            running = self.watch("--textfile", self.directory / "audit.prom", "--rounds", "400", lua=ASKS, every="2ms",
                                 environment=OFTEN, before=limits(descriptors=64))  # were one lost now and then, they would end
            self.wait_for_round(running, 100)
            worker = worker_of(running)
            before = resident(worker)
            self.wait_for_round(running, 380)
            after = resident(worker)
            done = running.end()
        self.assertEqual((done.code, self.of(running, "change")), (0, []), done)
        if processes.PATIENCE == 1:  # a sanitizer keeps what was freed
            self.assertLess(after - before, 3_000_000, "bytes resident, after 280 rounds more")

    def test_mistakes_on_the_command_line_are_said_before_anything_is_sent(self):
        inventory = self.write("inventory.toml", targets(HOST))
        for words, code, said in ((("--every", "50ms"), 64, "at least 100ms"), (("--every", "soon"), 64, "--every"),
                                  (("--every", "1s", "--jitter", "1s"), 64, "--jitter"), (("--confirm", "0"), 64, "confirm"),
                                  (("--fail-on", "sometimes"), 64, "--fail-on"), (("--select", "no.such-rule"), 64, "no.such-rule"),
                                  (("--textfile", "/no/such/folder/x.prom"), 73, "nothing was sent")):
            with self.subTest(words), peers.silent(HOST, 23) as telnet:
                done = self.audit("watch", inventory, *words)
                self.assertEqual((done.code, done.out, telnet.accepted), (code, "", 0), done)
                self.assertIn(said, done.err)

    def test_metrics_are_not_written_onto_the_inventory_or_the_history(self):
        inventory, state = self.write("inventory.toml", targets(HOST)), self.directory / "state"
        before = inventory.read_bytes()
        self.assertUsage(self.audit("watch", inventory, "--textfile", inventory), "a report and the inventory cannot share")
        self.assertUsage(self.audit("watch", inventory, "--textfile", state / "audit.db", environment={"AUDIT_STATE": str(state)}),
                         "a report and the history cannot share")
        self.assertEqual((inventory.read_bytes(), state.exists()), (before, False))

    def test_who_stops_listening_ends_the_watch(self):
        inventory = self.write("inventory.toml", targets(HOST))
        read, write = os.pipe()
        child = subprocess.Popen([program(), "watch", inventory, "--every", "100ms", "--json"], stdout=write, stderr=subprocess.DEVNULL)
        self.addCleanup(self._kill, child)
        os.close(write)
        os.read(read, 1)
        os.close(read)
        self.assertEqual(child.wait(60 * processes.PATIENCE), 73)


def resident(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024
