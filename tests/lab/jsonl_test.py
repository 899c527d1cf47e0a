"""The JSONL report is written while the run goes on, to whoever reads it, and to nobody's cost."""

import json
import os
import sqlite3
import subprocess
import threading
import time

import peers
import processes
from processes import wait_until
from program import LabTest, limits, program, rule, targets

RULES = {"banner.lua": rule('    local said = target:banner(7000, { timeout = 120 })\n    return info(said.text, said)', "lab.banner",
                            'requires = "nothing"')}


def told(lines):
    """Lines as objects, without what only the end of a run knows of earlier ones."""
    def without(value):
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in ("first_seen", "last_seen")}
        return [without(item) for item in value] if isinstance(value, list) else value
    return [json.dumps(without(json.loads(line)), sort_keys=True) for line in lines]


class JsonlTest(LabTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "state"
        for name, lua in RULES.items():
            self.write(f"rules/{name}", lua)

    def command(self, text, *arguments):
        inventory = self.write("inventory.toml", text)
        return [program(), str(inventory), "--rules", str(self.directory / "rules"), "--seed", "1", "--state", str(self.state), *map(str, arguments)]

    def begin(self, text, *arguments, stdout=subprocess.PIPE):
        child = subprocess.Popen(self.command(text, *arguments), stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                                 start_new_session=True, preexec_fn=limits())
        self.addCleanup(self._kill, child)
        self.addCleanup(child.stderr.close)
        return child

    def stored(self):
        done = self.audit("report", "last", "--state", self.state, "--report", "jsonl")
        self.assertEqual(done.code, 0, done)
        return done.out.splitlines()

    def follow(self, child, pipe, go):
        """Reads on until the quick target's check is there, lets the slow one speak, and reads the rest."""
        lines = []
        for line in pipe:
            lines.append(line)
            read = json.loads(line)
            if read["line"] == "check":
                self.assertEqual((read["check"]["target"], go.is_set()), ("127.0.0.12", False) if len(lines) == 4 else ("127.0.0.11", True))
                self.assertIsNone(child.poll())
                go.set()
        return lines

    def gated(self):
        go = threading.Event()
        self.addCleanup(go.set)
        self.enterContext(peers.serving("127.0.0.11", 7000, lambda connection, peer: go.wait(120) and connection.sendall(b"at last\n")))
        self.enterContext(peers.serving("127.0.0.12", 7000, lambda connection, peer: connection.sendall(b"at once\n")))
        return go

    def test_what_has_ended_is_read_while_the_run_goes_on(self):
        go = self.gated()
        child = self.begin(targets("127.0.0.11", "127.0.0.12"), "--format", "jsonl")
        with child.stdout:
            lines = self.follow(child, child.stdout, go)
        err = child.stderr.read().decode()
        self.assertEqual(child.wait(60), 0, err)
        self.assertEqual([json.loads(line)["line"] for line in lines], ["header", "rule", "target", "check", "target", "check", "summary"])
        self.assertEqual(sorted(told(lines)), sorted(told(self.stored())))
        self.assertIn("127.0.0.11", err)  # the text is on standard error

    def test_a_named_pipe_is_written_to_as_well_and_a_file_appears_whole(self):
        go = self.gated()
        pipe, path = self.directory / "pipe", self.directory / "run.jsonl"
        os.mkfifo(pipe)
        child = self.begin(targets("127.0.0.11", "127.0.0.12"), "--report", f"jsonl={pipe}", "--report", f"jsonl={path}", "--quiet",
                           stdout=subprocess.DEVNULL)
        with open(pipe, encoding="utf-8") as read:
            lines = []
            for line in read:
                lines.append(line)
                self.assertFalse(path.exists() and not go.is_set())
                if json.loads(line)["line"] == "check":
                    go.set()
        self.assertEqual(child.wait(60), 0, child.stderr.read())
        self.assertEqual(path.read_text().splitlines(), self.stored())
        self.assertEqual(sorted(told(lines)), sorted(told(self.stored())))

    def test_a_run_does_not_wait_for_who_reads_slowly(self):
        path = self.directory / "run.json"
        self.enterContext(peers.serving("127.0.0.11", 7000, lambda connection, peer: connection.sendall(b"x" * 60_000)))
        for number in range(20):  # well over what a pipe holds
            self.write(f"rules/more{number}.lua", rule('    local said = target:banner(7000, { fresh = true })\n    return info(said.text, said)',
                                                       f"lab.more{number}", 'requires = "nothing"'))
        child = self.begin(targets("127.0.0.11"), "--format", "jsonl", "--report", f"json={path}")
        until = time.monotonic() + 60 * processes.PATIENCE
        while not path.exists() and time.monotonic() < until:
            time.sleep(0.02)
        self.assertTrue(path.exists(), "the run waits for its reader")
        with child.stdout:
            lines = child.stdout.read().splitlines()
        self.assertGreater(sum(map(len, lines)), 1 << 16)
        self.assertEqual(child.wait(60), 0, child.stderr.read())
        self.assertEqual(sorted(told(lines)), sorted(told(self.stored())))

    def test_more_than_is_held_for_who_reads_late_is_told_once_all_the_same(self):
        path = self.directory / "run.json"
        addresses = [f"127.0.0.{number}" for number in range(11, 17)]
        for address in addresses:
            self.enterContext(peers.saying(address, 7000, b"hello\n"))
        for number in range(4):
            self.write(f"rules/much{number}.lua", rule('    local seen = { target:banner(7000) }\n'
                                                       '    for i = 2, 60 do seen[i] = ("x"):rep(16000) end\n'
                                                       '    return info("it spoke", seen)', f"lab.much{number}"))
        child = self.begin(targets(*addresses), "--format", "jsonl", "--report", f"json={path}")
        wait_until("the other report", path.exists, 60)
        with child.stdout:
            lines = child.stdout.read().splitlines()
        self.assertGreater(sum(map(len, lines)), 1 << 24)
        self.assertEqual(child.wait(60), 0, child.stderr.read())
        self.assertEqual(sorted(told(lines)), sorted(told(self.stored())))

    def test_a_reader_that_goes_away_is_an_exit_of_73_and_the_other_reports_are_written(self):
        go = self.gated()
        path = self.directory / "run.json"
        child = self.begin(targets("127.0.0.11", "127.0.0.12"), "--format", "jsonl", "--report", f"json={path}")
        self.assertEqual(json.loads(child.stdout.readline())["line"], "header")
        child.stdout.close()
        go.set()
        err = child.stderr.read().decode()
        self.assertEqual(child.wait(60), 73, err)
        self.assertIn("standard output: the report could not be written: Broken pipe", err)
        self.assertEqual(json.loads(path.read_text())["summary"]["planned"], 2)

    def test_a_resumed_run_tells_what_was_known_before_too(self):
        go = self.gated()
        text = targets("127.0.0.11", "127.0.0.12")
        child = self.begin(text, "--format", "jsonl")
        with child.stdout:
            for line in child.stdout:
                if json.loads(line)["line"] == "check":
                    break
            until = time.monotonic() + 60 * processes.PATIENCE
            while self.records() < 1 and time.monotonic() < until:
                time.sleep(0.02)
            self._kill(child)
        go.set()
        resumed = self.begin(text, "--format", "jsonl", "--resume", "--on-overlap", "wait")
        with resumed.stdout:
            lines = resumed.stdout.read().splitlines()
        self.assertEqual(resumed.wait(60), 0, resumed.stderr.read())
        self.assertEqual([json.loads(line)["line"] for line in lines].count("check"), 2)
        self.assertEqual(sorted(told(lines)), sorted(told(self.stored())))

    def records(self):
        done = self.audit("history", "--state", self.state, "--json")
        if done.code != 0:
            return 0
        with sqlite3.connect(f"file:{self.state}/audit.db?mode=ro", uri=True) as database:
            return database.execute("SELECT coalesce(sum(records), 0) FROM segments").fetchone()[0]
