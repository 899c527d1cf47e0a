"""`audit shell`: the rule language by pipe, and at a terminal with editing, history, TAB, Ctrl-C and Ctrl-D."""

import fcntl
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import termios
import time

import peers
import processes
import servers
from program import LabTest, program, targets

ADDRESS = "127.0.0.31"
# A stream on which the peer has heard a word, so the shell surely holds it.
HELD_STREAM = "c = target:connect(7000) c:write('x') c:read(1, { timeout = 50 })"


class PipeTest(LabTest):
    """Lines on standard input, or -e: no prompts, and an exit code."""

    def shell(self, text, *arguments, environment=None):
        done = subprocess.run([program(), "shell", *map(str, arguments)], input=text.encode(), capture_output=True, check=False,
                              timeout=60 * processes.PATIENCE, env={**os.environ, **(environment or {})})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_every_word_of_the_language_asks_a_real_server(self):
        with servers.sshd(ADDRESS), servers.nginx(ADDRESS):
            code, out, err = self.shell(
                "target:port(22).state\n"
                "b = target:banner(22)\n"
                "b.text:sub(1, 8)\n"
                "target:http(80).status\n"
                "#target:ssh(22).host_keys > 0\n"
                "c = target:connect(80)\n"
                "c:write('HEAD / HTTP/1.0\\r\\n\\r\\n')\n"
                "c:read_line()\n"
                "c\n"
                "target:ping().received > 0\n"
                "try(target.tls, target, 22)\n"
                "print((require('version').find(b.text)))\n"
                "fail('It is SSH', b)\n", ADDRESS)
        self.assertEqual((code, err), (0, ""), out)
        lines = out.splitlines()
        self.assertEqual(lines[:4], ['"open"', '"SSH-2.0-"', "200", "true"])
        self.assertRegex(out, r"stream 127\.\S+ -> 127\.0\.0\.31:80 \(open\)")
        self.assertIn('"HTTP/1.1 200 OK"', out)
        self.assertIn('"tls_error"', out)
        self.assertRegex(out, r"verdict fail, medium: It is SSH\n  rests on banner tcp/127.0.0.31:22 \(observed\)\n$")

    def test_an_input_that_fails_is_said_with_its_line_and_the_others_go_on(self):
        code, out, err = self.shell("x = 1\n\nfor i = 1, 3 do\n  x = x + i\nend\nx\nnope()\nx = = 2\nx + 1\n")
        self.assertEqual((code, out), (1, "7\n8\n"))
        self.assertIn("rule_error: stdin:7: attempt to call a nil value (global 'nope')", err)
        self.assertIn("rule_error: stdin:8: unexpected symbol near '='", err)

    def test_an_input_that_never_ends_is_a_mistake(self):
        code, out, err = self.shell("x = {\n1,\n")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("near <eof>", err)

    def test_a_probe_that_cannot_answer_is_said_with_its_kind(self):
        code, _, err = self.shell("target:banner(1)\n", ADDRESS)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"^refused: tcp/127\.0\.0\.31:1")

    def test_codes_are_run_in_their_order(self):
        done = self.audit("shell", "-e", "x = 20", "-e", "x + 1", "-e", "error('bad')", "-e", "x")
        self.assertEqual((done.code, done.out), (1, "21\n20\n"), done)
        self.assertIn("-e 3:1: bad", done.err)

    def test_a_verdict_that_rests_on_nothing_is_no_verdict(self):
        code, out, err = self.shell("pass('fine')\n", ADDRESS)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("rests on nothing", err)

    def test_another_target_is_asked_and_streams_of_the_one_before_are_closed(self):
        with peers.saying(ADDRESS, 7000, b"one\n"), peers.saying("127.0.0.32", 7000, b"two\n"):
            code, out, err = self.shell(
                f"c = target:connect(7000)\n:target 127.0.0.32\ntarget.id\ntarget:banner(7000).text\nc:read()\n:target\n", ADDRESS)
        self.assertEqual((code, out), (1, '"127.0.0.32"\n"two\\n"\n127.0.0.32\n'), err)
        self.assertIn("the stream is closed", err)

    def test_a_target_is_one_host_and_no_target_is_no_host(self):
        for text, why in (("127.0.0.0/24", "network"), ("127.0.0.1,127.0.0.2", "not one target"), ("no such", "")):
            with self.subTest(text):
                code, out, err = self.shell("", text)
                self.assertEqual((code, out), (64, ""), err)
                self.assertIn(why, err)
        code, _, err = self.shell("target:port(22)\n")
        self.assertEqual(code, 1)
        self.assertIn("there is no target yet: `:target HOST`", err)

    def test_with_an_inventory_its_targets_are_asked_and_no_others_and_never_ports_not_at_all(self):
        inventory = self.write("inventory.toml", targets(ADDRESS) + """
[scope]
exclude = ["127.0.0.33"]
never = ["tcp/7001"]
[[targets]]
address = "127.0.0.32-127.0.0.34"
""")
        with peers.saying(ADDRESS, 7001, b"x") as peer:
            code, _, err = self.shell("target:port(7001)\ntarget:connect(7001)\n", ADDRESS, "--inventory", inventory)
            self.assertEqual(peer.accepted, 0)
        self.assertEqual(code, 1)
        self.assertEqual(err.count("out_of_scope"), 2, err)
        code, out, err = self.shell("target.id\n:target 127.0.0.33\n:target 127.0.0.99\n:target 127.0.0.32\n", "127.0.0.34", "--inventory", inventory)
        self.assertEqual((code, out), (1, '"127.0.0.34"\n'))
        self.assertIn("`127.0.0.33` is excluded", err)
        self.assertIn("`127.0.0.99` is no target of", err)

    def test_what_another_name_of_its_address_forbids_or_excludes_holds_in_the_shell_too(self):
        head = 'resolvers = ["127.0.0.1:5353"]\n[scope]\ninclude = ["127.0.0.0/24"]\n{}\n[groups.bench]\n{}\n'
        for scope, group, told in (("", 'never = ["tcp/7001"]', "`never` forbids"), ("", 'safety = "connect"', 'safety = "connect" and no more'),
                                   ('exclude = ["group:bench"]', "", "an excluded group's target")):
            inventory = self.write("inventory.toml", targets("alias.lab.test", "127.0.0.12", head=head.format(scope, group)) +
                                   '[[targets]]\naddress = "ssh.lab.test"\ngroups = ["bench"]\n')
            for target in ("alias.lab.test", "127.0.0.12"):
                with self.subTest(group + scope + target), servers.named(), peers.saying("127.0.0.12", 7001, b"x") as peer:
                    code, _, err = self.shell("target:port(7001)\n", target, "--inventory", inventory)
                    self.assertEqual((peer.accepted, code > 0), (0, True), err)
                    self.assertIn(told, err)

    def test_a_target_reaches_only_itself(self):
        with peers.saying("127.0.0.32", 7000, b"x") as peer:
            code, _, err = self.shell("target:port({ address = '127.0.0.32', port = 7000 })\n", ADDRESS)
            self.assertEqual(peer.accepted, 0)
        self.assertEqual(code, 1)
        self.assertIn("out_of_scope", err)

    def test_hostile_bytes_never_reach_the_terminal(self):
        with peers.hostile(ADDRESS, 7000):
            code, out, err = self.shell("b = target:banner(7000)\nb\nprint(b.bytes)\nerror(b.bytes)\n", ADDRESS)
        self.assertEqual(code, 1)
        self.assertNotRegex(out + err, r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
        self.assertIn("\\x1b[31m", out)

    def test_a_trace_goes_to_standard_error(self):
        with peers.saying(ADDRESS, 7000, b"hello\n"):
            code, out, err = self.shell("#target:banner(7000).bytes\n", ADDRESS, "--trace=bytes")
        self.assertEqual((code, out), (0, "6\n"))
        self.assertIn("tcp/127.0.0.31:7000", err)

    def test_values_that_nobody_reads_any_more_end_it_with_an_error(self):
        child = subprocess.Popen([program(), "shell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.kill)
        child.stdout.close()
        _, err = child.communicate(b"1\n2\n", timeout=30 * processes.PATIENCE)
        self.assertEqual(child.returncode, 73)
        self.assertIn(b"standard output", err)

    def test_a_signal_ends_what_is_piped(self):
        with peers.silent(ADDRESS, 7000) as peer:
            child = subprocess.Popen([program(), "shell", ADDRESS, "-e", HELD_STREAM, "-e", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     start_new_session=True)
            self.addCleanup(child.kill)
            processes.wait_until("a word on the stream", lambda: peer.heard == 1)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=30 * processes.PATIENCE)
        self.assertEqual((child.returncode, out, err), (130, b"", b"interrupted\n1 stream was closed by the interruption\n"))


class Terminal:
    """The shell at a terminal of its own."""

    def __init__(self, test, *arguments):
        self.primary, secondary = pty.openpty()
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = {**os.environ, "XDG_STATE_HOME": str(test.directory / "state"), "TERM": "xterm", "HOME": str(test.directory),
                       "LC_ALL": "C.UTF-8"}

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.child = subprocess.Popen([program(), "shell", *map(str, arguments)], stdin=secondary, stdout=secondary, stderr=secondary,
                                      env=environment, preexec_fn=take_terminal)
        os.close(secondary)
        test.addCleanup(self.close)
        self.heard = ""

    def type(self, text):
        os.write(self.primary, text.encode())

    def until(self, pattern):
        """Reads on until what was heard since the last time holds this; gives that back."""
        deadline = time.monotonic() + 20 * processes.PATIENCE
        while not (found := re.search(pattern, self.heard)):
            ready, _, _ = select.select([self.primary], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {pattern!r} in {self.heard!r}")
            try:
                piece = os.read(self.primary, 65536)
            except OSError:
                piece = b""
            if not piece:
                raise AssertionError(f"the shell ended before {pattern!r}: {self.heard!r}")
            self.heard += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", piece.decode(errors="replace"))
        heard, self.heard = self.heard[:found.end()], self.heard[found.end():]
        return heard

    def end(self):
        code = self.child.wait(timeout=20 * processes.PATIENCE)
        return code

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        if self.primary >= 0:
            os.close(self.primary)
            self.primary = -1


class TerminalTest(LabTest):
    def test_an_input_is_answered_and_ctrl_d_leaves(self):
        shell = Terminal(self, ADDRESS)
        shell.until(r"127\.0\.0\.31> ")
        shell.type("6 * 7\n")
        shell.until(r"\n42\n")
        shell.until(r"> ")
        shell.type("for i = 1, 2 do\n")
        shell.until(r">> ")
        shell.type("print('i' .. i) end\n")
        shell.until(r"\ni1\ni2\n")
        shell.until(r"> ")
        shell.type("\x04")
        self.assertEqual(shell.end(), 0)

    def test_history_comes_back_in_the_next_session_and_is_the_owners_alone(self):
        shell = Terminal(self)
        shell.until("> ")
        shell.type("1000 + 234\n")
        shell.until(r"\n1234\n> ")
        shell.type(" 'not' .. 'kept'\n")
        shell.until(r"\n\"notkept\"\n> ")
        shell.type(":quit\n")
        self.assertEqual(shell.end(), 0)
        path = self.directory / "state/audit/shell_history"
        self.assertEqual(path.read_text(), "1000 + 234\n:quit\n")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        again = Terminal(self)
        again.until("> ")
        again.type("\x1b[A\x1b[A + 1\n")  # up, up: the line before the last
        again.until(r"\n1235\n> ")
        again.type("\x04")
        self.assertEqual(again.end(), 0)

    def test_no_history_keeps_nothing(self):
        shell = Terminal(self, "--no-history")
        shell.until("> ")
        shell.type("7\n")
        shell.until(r"\n7\n> ")
        shell.type("\x1b[A + 1\n")  # of this session it does
        shell.until(r"\n8\n> ")
        shell.type("\x04")
        self.assertEqual(shell.end(), 0)
        self.assertFalse((self.directory / "state").exists())

    def test_a_history_that_cannot_be_kept_is_said_once(self):
        self.write("state", "no folder\n")
        shell = Terminal(self)
        shell.until("> ")
        shell.type("1\n")
        shell.until(r"history is not kept: Not a directory\n1\n> ")
        shell.type("2\n")
        self.assertNotIn("history", shell.until(r"\n2\n> "))

    def test_tab_completes_globals_words_fields_modules_and_options(self):
        shell = Terminal(self, ADDRESS)
        shell.until("> ")
        for typed, shown in (("tar\t.addresse\t[1]", r"target\.addresses\[1\]\n\"127\.0\.0\.31\"\n"),
                             ("try(target.ban\t, target, 1)", r"\n\"refused\"\n"),
                             ("target:por\t(1, { att\t2 }).state", r"attempts = 2 \}\)\.state\n\"closed\"\n"),
                             ("type(require('vers\t))", r"\n\"table\"\n"),
                             ("s = 'x'", None), ("s:upp\t()", r"\n\"X\"\n")):
            with self.subTest(typed):
                shell.type(typed + "\n")
                if shown:
                    shell.until(shown)
                shell.until(r"127\.0\.0\.31> ")
        shell.type("target:t\t\t")
        shell.until(r"tls  tls_accepts")
        shell.type("\x15:he\t\n")
        shell.until(r"Ctrl-C ends what runs")

    def test_ctrl_c_drops_the_line_and_what_is_unfinished(self):
        shell = Terminal(self)
        shell.until("> ")
        shell.type("x = {\n")
        shell.until(">> ")
        shell.type("nonsense(\x03")
        shell.until(r"\^C\n> ")
        shell.type("2 + 2\n")
        shell.until(r"\n4\n> ")

    def test_ctrl_c_ends_an_endless_loop_and_not_the_shell(self):
        shell = Terminal(self)
        shell.until("> ")
        shell.type("kept = 5\n")
        shell.until("> ")
        # Nobody reads what it prints, so the terminal is full long before its steps are spent: it cannot end by itself.
        shell.type("while true do print(('turn'):rep(250)) end\n")
        shell.until("\nturn")
        shell.type("\x03")
        shell.until(r"interrupted\n> ")
        shell.type("kept\n")
        shell.until(r"\n5\n> ")

    def test_ctrl_c_ends_a_probe_that_waits_and_the_next_one_is_asked(self):
        with peers.silent(ADDRESS, 7000) as silent, peers.saying(ADDRESS, 7001, b"hello\n"):
            shell = Terminal(self, ADDRESS)
            shell.until("> ")
            shell.type(HELD_STREAM + "\n")
            processes.wait_until("a word on the stream", lambda: silent.heard == 1)
            shell.type("\x03")
            shell.until(r"interrupted\n1 stream was closed by the interruption\n127\.0\.0\.31> ")
            shell.type("target:banner(7001).bytes\n")
            shell.until(r'\n"hello\\n"\n')

    def test_a_termination_leaves_the_terminal_as_it_was(self):
        shell = Terminal(self)
        shell.until("> ")
        shell.child.send_signal(signal.SIGTERM)
        self.assertEqual(shell.end(), 143)
        self.assertTrue(termios.tcgetattr(shell.primary)[3] & termios.ECHO)
