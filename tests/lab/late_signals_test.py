"""Signals that come when a run has ended and its reports are being written, to a reader that never reads."""

import json
import os
import signal
import subprocess
import threading

import peers
from processes import PATIENCE, wait_until
from program import LabTest, limits, program, rule, targets

ANSWERED = "its reports are being written; a second signal ends the program without them"
ENDED = "ended at once, and not all reports were written"
RULE = rule('    local seen = { target:banner(7000) }\n'
            '    for i = 2, 60 do seen[i] = ("x"):rep(16000) end\n'
            '    return info("it spoke", seen)', "lab.much")  # more than a pipe holds
SLOW = rule('    return info("it spoke", target:banner(7001, { timeout = 120 }))', "lab.slow", "ports = { 7001 }")


class LateSignalsTest(LabTest):
    def setUp(self):
        super().setUp()
        self.pipe, self.path = self.directory / "pipe", self.directory / "out/run.json"
        self.path.parent.mkdir()
        os.mkfifo(self.pipe)
        self.write("rules/much.lua", RULE)
        self.enterContext(peers.saying("127.0.0.11", 7000, b"hello\n"))

    def begin(self, format_name):
        inventory = self.write("inventory.toml", targets("127.0.0.11"))
        child = subprocess.Popen(
            [program(), inventory, "--rules", self.directory / "rules", "--seed", "1", "--quiet",
             "--report", f"{format_name}={self.pipe}", "--report", f"json={self.path}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
            preexec_fn=limits())
        self.addCleanup(self._kill, child)
        self.addCleanup(child.stderr.close)
        patience = threading.Timer(60 * PATIENCE, self._kill, [child])  # what it never says is read as nothing then
        patience.start()
        self.addCleanup(patience.cancel)
        return child

    def written(self):
        wait_until("the report in a file", self.path.exists, 60)

    def assertEnds(self, child, number, code):
        """With a signal, or where that is answered in words with the one after it."""
        child.send_signal(number)
        said = child.stderr.readline()
        if ANSWERED in said:
            child.send_signal(number)
            said = child.stderr.readline()
        self.assertIn(ENDED, said)
        self.assertEqual(child.wait(60 * PATIENCE), code, child.stderr.read())
        self.assertEqual(os.listdir(self.path.parent), ["run.json"])

    def test_a_second_signal_ends_a_program_whose_reports_nobody_reads(self):
        for format_name in ("json", "jsonl"):
            for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
                with self.subTest(format=format_name, number=number):
                    self.path.unlink(missing_ok=True)
                    child = self.begin(format_name)
                    self.written()
                    child.send_signal(number)
                    self.assertIn(ANSWERED, child.stderr.readline())
                    child.send_signal(number)
                    self.assertIn(ENDED, child.stderr.readline())
                    self.assertEqual(child.wait(60 * PATIENCE), code, child.stderr.read())
                    self.assertEqual(os.listdir(self.path.parent), ["run.json"])
                    self.assertEqual(json.loads(self.path.read_text())["summary"]["planned"], 1)

    def test_so_does_one_after_the_signal_that_stopped_the_run(self):
        self.write("rules/slow.lua", SLOW)
        with peers.silent("127.0.0.11", 7001) as slow:
            child = self.begin("json")
            wait_until("the conversation", lambda: slow.accepted > 0, 60)
            child.send_signal(signal.SIGTERM)
            self.written()
            self.assertEnds(child, signal.SIGINT, 130)
        self.assertFalse(json.loads(self.path.read_text())["run"]["complete"])

    def test_the_first_signal_ends_a_report_of_a_past_run(self):
        state = self.directory / "state"
        self.run_inventory(targets("127.0.0.11"), "--state", state, rules={"much.lua": RULE})
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number=number):
                self.path.unlink(missing_ok=True)
                child = subprocess.Popen([program(), "report", "last", "--state", state, "--report", f"json={self.path}",
                                          "--report", f"json={self.pipe}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.PIPE, text=True, preexec_fn=limits())
                self.addCleanup(self._kill, child)
                self.addCleanup(child.stderr.close)
                self.written()
                child.send_signal(number)
                self.assertIn(ENDED, child.stderr.readline())
                self.assertEqual(child.wait(60 * PATIENCE), code)
                self.assertEqual(os.listdir(self.path.parent), ["run.json"])

    def test_one_signal_costs_no_report(self):
        child = self.begin("json")
        self.written()
        child.send_signal(signal.SIGTERM)
        self.assertIn(ANSWERED, child.stderr.readline())
        self.assertEqual(self.pipe.read_text(), self.path.read_text())
        self.assertEqual(child.wait(60 * PATIENCE), 0, child.stderr.read())
