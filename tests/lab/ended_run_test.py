"""A run that had ended, and was kept, when the process died that was to report it: nothing is asked again, and the next
process writes the reports of that run."""

import json
import os
import pathlib
import signal
import sqlite3

import peers
from processes import wait_until
from program import LabTest, rule, targets

HOST = "127.0.0.21"
DIED = "the process that did the work died (signal 9, Killed)"
FROM_HISTORY = f"{DIED}; the run had ended and was kept: its reports are from the history"


class EndedRunTest(LabTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "state"
        self.write("rules/lab/speaks.lua", rule('    local said = target:banner(7000, { timeout = 120 })\n    return pass(said.text, said)',
                                                "lab.speaks"))
        self.inventory = self.write("inventory.toml", targets(HOST))
        self.words = [self.inventory, "--rules", self.directory / "rules", "--state", self.state]
        self.speaking = self.enterContext(peers.saying(HOST, 7000, b"hello\r\n"))

    def states(self):
        try:
            with sqlite3.connect(f"file:{self.state}/audit.db?mode=ro", uri=True) as database:
                return [state for state, in database.execute("SELECT state FROM runs ORDER BY number")]
        except sqlite3.OperationalError:
            return []

    def held_at_its_report(self, *more):
        """A run that is kept and waits for somebody to read its report; and that report, a named pipe."""
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        return self.start(*self.words, *more, "--report", f"text={pipe}", report=True), pipe

    @staticmethod
    def workers(running):
        pid = running.child.pid
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def kill_worker(self, running):
        """And waits until another has its place: the dying one may still open a pipe."""
        worker, = self.workers(running)
        os.kill(int(worker), signal.SIGKILL)
        wait_until("the next process", lambda: self.workers(running) not in ([], [worker]))

    def reported(self, running, pipe):
        """What the next process writes into the pipe, and the end of it."""
        text = pipe.read_text()
        return text, running.end()

    def test_a_complete_one_is_reported_and_nothing_is_asked_again(self):
        running, pipe = self.held_at_its_report()
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        self.kill_worker(running)
        text, done = self.reported(running, pipe)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.speaking.accepted, 1)
        self.assertEqual(self.states(), ["complete"])
        self.assertIn(FROM_HISTORY, " ".join(text.split()))
        self.assertIn(FROM_HISTORY, done.report["notices"])
        self.assertEqual(done.status("lab.speaks", HOST), ("pass", "observed"), done)
        self.assertIn(f"{DIED}; another process takes over", done.err)
        self.assertIn(f"run {done.report['run']['id']} had ended and is kept", done.err)
        stored = json.loads(self.audit("report", "last", "--state", self.state, "--format", "json").out)
        for one in (stored, done.report):
            del one["notices"]
        self.assertEqual(stored, done.report)

    def test_each_process_that_dies_of_the_report_is_told_once(self):
        running, pipe = self.held_at_its_report()
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        self.kill_worker(running)
        self.kill_worker(running)
        _, done = self.reported(running, pipe)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.report["notices"], [FROM_HISTORY, FROM_HISTORY])
        self.assertEqual((self.speaking.accepted, self.states()), (1, ["complete"]))

    def test_a_death_before_the_end_and_one_after_it_are_both_told(self):
        mute = self.enterContext(peers.silent(HOST, 7001))
        self.write("rules/lab/slow.lua", rule('    local said = target:banner(7001, { timeout = 120 })\n    return pass(said.text, said)',
                                              "lab.slow", "ports = { 7001 }"))
        running, pipe = self.held_at_its_report()
        wait_until("the conversation", lambda: mute.accepted == 1)
        self.kill_worker(running)
        wait_until("the conversation of the next process", lambda: mute.accepted == 2)
        mute.close()
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        self.kill_worker(running)
        _, done = self.reported(running, pipe)
        self.assertEqual(done.report["notices"], [f"{DIED}; the run was begun again", FROM_HISTORY])
        self.assertEqual(done.status("lab.slow", HOST), ("error", "eof"), done)

    def test_lines_for_who_reads_along_are_those_of_the_run(self):
        pipe = self.directory / "lines"
        os.mkfifo(pipe)
        running = self.start(*self.words, "--report", f"jsonl={pipe}", report=True)
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        self.kill_worker(running)
        lines = [json.loads(line) for line in pipe.read_text().splitlines() if line]
        self.assertEqual(running.end().code, 0)
        self.assertEqual([line["line"] for line in lines], ["header", "rule", "target", "check", "summary"])
        self.assertEqual(self.speaking.accepted, 1)

    def test_a_stopped_one_is_not_gone_on_with(self):
        mute = self.enterContext(peers.silent(HOST, 7001))
        self.write("rules/lab/slow.lua", rule('    local said = target:banner(7001, { timeout = 120 })\n    return pass(said.text, said)',
                                              "lab.slow", "ports = { 7001 }"))
        running, pipe = self.held_at_its_report()
        wait_until("both conversations", lambda: mute.accepted == 1 and self.speaking.accepted == 1)
        running.send(signal.SIGTERM)
        wait_until("the run to be kept", lambda: self.states() == ["stopped"])
        self.kill_worker(running)
        text, done = self.reported(running, pipe)
        self.assertEqual(done.code, 143, done)
        self.assertIn("SIGTERM", text)
        self.assertEqual((mute.accepted, self.speaking.accepted), (1, 1))
        self.assertEqual(self.states(), ["stopped"])
        self.assertEqual(done.status("lab.slow", HOST), ("not_reviewed", "stopped"))

    def test_the_transcript_is_the_one_that_the_run_left(self):
        transcript = self.directory / "run.transcript"
        running, pipe = self.held_at_its_report("--record", transcript)
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        left = transcript.read_bytes()
        self.kill_worker(running)
        _, done = self.reported(running, pipe)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(transcript.read_bytes(), left)
        replayed = self.audit(self.inventory, "--rules", self.directory / "rules", "--replay", transcript, report=True)
        self.assertEqual(replayed.status("lab.speaks", HOST), ("pass", "observed"), replayed)

    def test_one_whose_transcript_is_gone_says_so(self):
        transcript = self.directory / "run.transcript"
        running, pipe = self.held_at_its_report("--record", transcript)
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        transcript.unlink()
        self.kill_worker(running)
        _, done = self.reported(running, pipe)
        self.assertEqual(done.code, 73, done)
        self.assertIn(str(transcript), done.err)

    def test_the_command_of_a_source_is_not_run_again(self):
        export = self.write("export", f"#!/bin/sh\necho ran >>ran\necho {HOST}\n")
        export.chmod(0o755)
        self.write("inventory.toml", '[[sources]]\nformat = "text"\ncommand = ["./export"]\n')
        running, pipe = self.held_at_its_report("--allow-commands")
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        self.kill_worker(running)
        _, done = self.reported(running, pipe)
        self.assertEqual(done.code, 0, done)
        self.assertEqual((self.directory / "ran").read_text(), "ran\n")

    def test_it_is_compared_with_the_run_before_it_and_not_with_itself(self):
        open_here = rule('    local port = target:port(7001)\n    if port.state == "open" then return fail("it is open", port) end\n'
                         '    return pass("it is not", port)', "lab.fresh", "ports = { 7001 }")
        self.write("rules/lab/fresh.lua", open_here)
        before = self.audit(*self.words, report=True)
        self.assertEqual(before.status("lab.fresh", HOST)[0], "not_applicable", before)
        self.enterContext(peers.saying(HOST, 7001, b"new\r\n"))
        running, pipe = self.held_at_its_report("--baseline", "last", "--fail-on", "new:info")
        wait_until("the second run to be kept", lambda: self.states() == ["complete", "complete"])
        self.kill_worker(running)
        _, done = self.reported(running, pipe)
        self.assertEqual(done.code, 1, done)

    def test_who_is_to_be_told_is_told_once(self):
        told = self.directory / "told"
        page = self.write("page", f"#!/bin/sh\necho told >> {told}\n")
        page.chmod(0o755)
        self.write("inventory.toml", targets(HOST) + f'\n[[notify]]\nname = "page"\nkind = "command"\nwhen = ["always"]\ncommand = ["{page}"]\n')
        running, pipe = self.held_at_its_report("--allow-commands")
        wait_until("the run to be kept", lambda: self.states() == ["complete"])
        self.kill_worker(running)
        _, done = self.reported(running, pipe)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(told.read_text(), "told\n")
        shown = json.loads(self.audit("history", "show", "last", "--state", self.state, "--json").out)
        self.assertEqual([one["notifier"] for one in shown["notifications"]], ["page"])

    def test_another_run_that_ended_meanwhile_is_not_taken_for_this_one(self):
        mute = self.enterContext(peers.silent(HOST, 7001))
        self.write("rules/lab/slow.lua", rule('    local said = target:banner(7001, { timeout = 120 })\n    return pass(said.text, said)',
                                              "lab.slow", "ports = { 7001 }"))
        self.write("inventory.toml", targets(HOST) + f'\n[history]\nstate = "{self.state}"\n')  # so the lock is taken by the worker
        words = [self.inventory, "--rules", self.directory / "rules"]
        first = self.start(*words)
        wait_until("the first conversation", lambda: mute.accepted == 1)
        second = self.start(*words, "--on-overlap", "wait", report=True)
        wait_until("the second to wait", lambda: len(self.workers(second)) == 1)
        first.send(signal.SIGTERM)
        self.assertEqual(first.end().code, 143)
        wait_until("the second to ask", lambda: mute.accepted == 2)
        self.kill_worker(second)
        wait_until("its next process to ask", lambda: mute.accepted == 3)
        mute.close()
        done = second.end()
        self.assertEqual(done.status("lab.slow", HOST), ("error", "eof"), done)
        self.assertEqual(sorted(self.states()), ["complete", "stopped"])

    def test_two_runs_of_an_inventory_that_names_its_state_never_overlap_whatever_the_environment_names(self):
        mute = self.enterContext(peers.silent(HOST, 7000 + 1))
        self.write("rules/lab/slow.lua", rule('    local said = target:banner(7001, { timeout = 120 })\n    return pass(said.text, said)',
                                              "lab.slow", "ports = { 7001 }"))
        self.write("inventory.toml", targets(HOST) + f'\n[history]\nstate = "{self.state}"\n')
        words = [self.inventory, "--rules", self.directory / "rules"]
        first = self.start(*words)
        wait_until("the conversation", lambda: mute.accepted == 1)
        second = self.audit(*words, environment={"AUDIT_STATE": str(self.directory / "other")})
        self.assertEqual(second.code, 75, second)
        self.assertEqual(mute.accepted, 1)
        first.send(signal.SIGTERM)
        first.end()

    def test_a_transcript_that_lacks_the_beginning_is_told(self):
        mute = self.enterContext(peers.silent(HOST, 7001))
        self.write("rules/lab/slow.lua", rule('    local said = target:banner(7001, { timeout = 120 })\n    return pass(said.text, said)',
                                              "lab.slow", "ports = { 7001 }"))
        transcript = self.directory / "run.transcript"
        running = self.start(*self.words, "--record", transcript, report=True)
        wait_until("sweep and conversation", lambda: mute.accepted == 2)
        self.kill_worker(running)
        wait_until("the conversation of the next process", lambda: mute.accepted >= 3)
        mute.close()
        done = running.end()
        self.assertEqual(done.code, 73, done)
        self.assertTrue(any("the transcript lacks what the run had asked" in notice for notice in done.report["notices"]), done)
        self.assertIn("the transcript lacks what the run had asked", done.err)

    def test_one_whose_notifier_died_still_has_the_run_before_it_to_compare_with(self):
        go = self.directory / "go"
        page = self.write("page", f"#!/bin/sh\nuntil [ -e {go} ]; do sleep 0.05; done\n")
        page.chmod(0o755)
        self.write("inventory.toml", targets(HOST) + '\n[history]\nkeep = { runs = 1 }\n')
        fails = rule('    local said = target:banner(7000)\n    return fail("it speaks", said)', "lab.speaks")
        self.write("rules/lab/speaks.lua", fails)
        self.assertEqual(self.audit(*self.words).code, 1)
        notify = f'[[notify]]\nname = "page"\nkind = "command"\nwhen = ["always"]\ntimeout = "60s"\ncommand = ["{page}"]\n'
        self.write("inventory.toml", targets(HOST) + '\n[history]\nkeep = { runs = 1 }\n' + notify)
        running = self.start(*self.words, "--allow-commands", "--baseline", "last", "--fail-on", "new:low", report=True)
        wait_until("the report", lambda: (self.directory / "report.json").exists())
        self.kill_worker(running)
        go.touch()
        done = running.end()
        self.assertEqual(done.code, 0, done)
