"""The process that stands over the work: what it does when the work dies under it, and when it dies itself."""

import os
import pathlib
import signal
import subprocess
import threading

import peers
from processes import wait_until
from program import LabTest, Running, limits, program, rule, targets

HOST = "127.0.0.20"
RULES = {"lab/slow.lua": rule('    return pass("it spoke", target:banner(7000, { timeout = 60 }))', "lab.slow"),
         "lab/quick.lua": rule('    return pass("open", target:port(7001))', "lab.quick", "ports = { 7001 }")}


def workers(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class SupervisorTest(LabTest):
    def setUp(self):
        super().setUp()
        for name, lua in RULES.items():
            self.write(f"rules/{name}", lua)
        self.path = self.write("inventory.toml", targets(HOST))
        self.speaks = threading.Event()
        self.serving = self.enterContext(peers.serving(HOST, 7000, self.answer))

    def answer(self, connection, peer):
        """Says nothing until it may."""
        while not self.speaks.wait(0.05):
            if peer.closing.is_set():
                return
        connection.sendall(b"hello\r\n")

    def begin(self, *arguments):
        running = self.start(*arguments, "--rules", self.directory / "rules", report=True)
        wait_until("the conversation", lambda: self.serving.accepted > 0)
        return running

    def kill_worker(self, running):
        """Ends the work as the kernel does for want of memory, and lets what comes after it be answered."""
        worker, = workers(running.child.pid)
        self.speaks.set()
        os.kill(worker, signal.SIGKILL)

    def test_a_run_whose_process_dies_begins_again_and_says_so(self):
        running = self.begin(self.path)
        self.kill_worker(running)
        done = running.end()
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.status("lab.slow", HOST), ("pass", "observed"), done)
        self.assertIn("died (signal 9, Killed)", done.err)
        self.assertTrue(any("the run was begun again" in notice for notice in done.report["notices"]), done.report["notices"])

    def test_an_inventory_from_standard_input_is_there_the_second_time_too(self):
        read, write = os.pipe()
        os.write(write, self.path.read_bytes())
        os.close(write)
        report = self.directory / "report.json"
        command = [program(), "-", "--rules", str(self.directory / "rules"), "--report", f"json={report}"]
        running = Running(command, report, dict(os.environ), lambda: (os.dup2(read, 0), limits()()))
        self.addCleanup(self._kill, running.child)
        os.close(read)
        wait_until("the conversation", lambda: self.serving.accepted > 0)
        self.kill_worker(running)
        done = running.end()
        self.assertEqual((done.code, done.summary["pass"]), (0, 1), done)

    def test_a_recording_that_died_half_way_is_begun_again(self):
        transcript = self.directory / "run.transcript"
        running = self.begin(self.path, "--record", transcript)
        self.kill_worker(running)
        self.assertEqual(running.end().code, 0)
        replayed = self.audit(self.path, "--rules", self.directory / "rules", "--replay", transcript, report=True)
        self.assertEqual((replayed.code, replayed.summary["pass"]), (0, 1), replayed)

    def test_kill_9_of_the_program_leaves_nothing_behind(self):
        running = self.begin(self.path)
        worker, = workers(running.child.pid)
        running.child.kill()
        running.child.wait()
        wait_until("the worker to be gone", lambda: not self.alive(worker))

    @staticmethod
    def alive(pid):
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state != "Z"

    def test_the_shell_sees_the_signal_that_ended_a_run_before_it_began(self):
        """A fifo that nobody writes to holds the run at its inventory."""
        fifo = self.directory / "fifo"
        os.mkfifo(fifo)
        child = subprocess.Popen([program(), str(fifo)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(self._kill, child)
        wait_until("the worker", lambda: workers(child.pid))
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(60), -signal.SIGTERM)
