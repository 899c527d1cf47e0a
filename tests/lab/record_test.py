"""--record and --replay: a replay gives the recorded run's report byte for byte, in a network of nothing, and opens no
socket; what was not recorded is not_reviewed (not_recorded)."""

import os
import re
import subprocess
import tempfile

import certificates
import peers
import servers
import tls_servers
from processes import find_program
from program import Done, LabTest, program, rule, targets

TELNET, HOST, WEB, NOBODY, SILENT = "127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14", "127.0.0.15"
RESOLVER = 'resolvers = ["127.0.0.1:5353"]\nselect = "not policy.*"\n'
INTRUSIVE = '[groups.lab]\nsafety = "intrusive"\n'

EVERY_WORD = """
    local seen = {}
    local stream <close> = target:connect(80)
    stream:write("HEAD / HTTP/1.0\\r\\n\\r\\n")
    stream:read_line()
    seen.ssh = target:ssh(22)
    seen.banner = target:banner(22)
    seen.tls = target:tls(443)
    seen.secure = target:http(443)
    seen.plain = target:http(80, { path = "/none" })
    seen.accepts = target:tls_accepts(443)
    seen.refused = target:udp(9, { send = "hello" })
    seen.name = target:dns("ssh.lab.test")
    seen.ping = target:ping()
    seen.closed = target:port(81)
    local noise = crypto.random(8) .. crypto.mark(8, "?")
    return info("every word and " .. noise:gsub(".", function(c) return string.format("%02x", c:byte()) end), seen.ssh)
"""

ASKS_MORE = {
    "port": "target:port(82)",
    "connect": "target:connect(81)",
    "banner": "target:banner(21)",
    "udp": 'target:udp(10, { send = "x" })',
    "another-datagram": 'target:udp(9, { send = "x" })',
    "dns": 'target:dns("other.lab.test")',
    "dns-of-its-own": 'target:dns("text.lab.test", { server = target.address .. ":5354" })',
    "ping": "target:ping(target.address, { size = 99 })",
    "tls": 'target:tls(443, { server_name = "other.lab.test" })',
    "http": 'target:http(80, { path = "/other" })',
}


def intrusive(*words):
    return rule(*words).replace('safety = "normal"', 'safety = "intrusive"')


def alone(*command, log=None):
    """Runs a command in a network namespace where not even loopback is up, each of its calls to the network on `log`."""
    words = [find_program("unshare"), "--net"]
    if log is not None:
        words += [find_program("strace"), "-f", "-qq", "-o", str(log), "-e", "trace=%network"]
    # The leak sanitizer cannot work under strace, and would fail the program for it.
    environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"} if log is not None else None
    return subprocess.run([*words, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=environment, timeout=120, check=False)


class RecordTest(LabTest):
    def setUp(self):
        super().setUp()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        leaf = certificates.Authority(folder).issue("leaf", f"DNS:ssh.lab.test,IP:{HOST}")
        self.servers = [servers.telnetd(TELNET), servers.sshd(HOST), servers.nginx(HOST), servers.nginx(WEB),
                        tls_servers.nginx(HOST, {"ssh.lab.test": leaf}), servers.named()]
        self.transcript = self.directory / "run.transcript"

    def inventory(self):
        text = targets("127.0.0.1", TELNET, HOST, WEB, NOBODY, "ssh.lab.test", "none.lab.test", head=RESOLVER + INTRUSIVE) + (
            '[[targets]]\naddress = "127.0.0.40/30"\n')
        return text.replace("address =", 'groups = ["lab"]\naddress =')

    def words(self):
        own_dns = ('    local answer = target:dns("text.lab.test", { type = "TXT", server = target.address .. ":5353" })\n'
                   '    return info("an answer", answer)')
        return {"lab/every.lua": intrusive(EVERY_WORD, "lab.every", "ports = { 22 }"),
                "lab/dns.lua": rule(own_dns, "lab.dns", "ports = { 5353 }")}

    def record(self, inventory, *more, rules=None, **options):
        """A recorded run over the real servers, with the shipped rules and those given."""
        for server in self.servers:
            self.enterContext(server)
        self.servers = []
        for name, lua in (self.words() if rules is None else rules).items():
            self.write(f"rules/{name}", lua)
        return self.run_inventory(inventory, "--rules", f"+{self.directory / 'rules'}", "--record", self.transcript,
                                  *more, fail_on="never", **options)

    def replay(self, *more, rules="rules", beside="+", log=None, inventory="inventory.toml"):
        """The same with nobody there."""
        path = self.directory / "replayed.json"
        path.unlink(missing_ok=True)
        command = [program(), self.directory / inventory, "--rules", f"{beside}{self.directory / rules}", "--fail-on",
                   "never", "--replay", self.transcript, "--report", f"json={path}", *more]
        done = alone(*command, log=log)
        return Done(list(map(str, command)), done.returncode, done.stdout, done.stderr, 0, path)

    def assertSame(self, recorded, replayed):
        self.assertEqual(recorded.code, replayed.code, replayed)
        ours, theirs = recorded.report_path.read_bytes(), replayed.report_path.read_bytes()
        if ours != theirs:
            for mine, other in zip(ours.splitlines(), theirs.splitlines()):
                self.assertEqual(mine, other)
        self.assertEqual(len(ours), len(theirs))

    def test_a_replay_is_the_same_byte_for_byte_and_opens_no_socket(self):
        recorded = self.record(self.inventory())
        self.assertEqual(recorded.summary["error"], 0, recorded)
        self.assertEqual(recorded.status("lab.every", HOST), ("informational", "observed"), recorded)
        self.assertEqual(oct(self.transcript.stat().st_mode)[-3:], "600")
        log = self.directory / "strace"
        self.assertSame(recorded, self.replay(log=log))
        self.assertEqual(log.read_text(), "", "a replay speaks to the network")

    def test_a_replay_of_a_replay_needs_neither_the_machine_nor_its_shards(self):
        recorded = self.record(self.inventory())
        for _ in range(3):
            self.assertSame(recorded, self.replay())

    def test_a_rule_that_asks_more_is_not_reviewed_and_the_others_are_as_they_were(self):
        recorded = self.record(self.inventory())
        for name, asks in ASKS_MORE.items():
            body = f'    local ok = pcall(function() {asks} end)\n    return pass("it is closed", target:port(22))'
            self.write(f"more/{name}.lua", rule(body, f"more.{name}", "ports = { 22 }"))
        for name, lua in self.words().items():
            self.write(f"more/{name}", lua)
        swept = rule('    return fail("open")', "more.swept", 'ports = { 83 }, absent = "pass"')
        self.write("more/swept.lua", swept)
        replayed = self.replay(rules="more")
        self.assertIsNotNone(replayed.report, replayed)
        for name in (*ASKS_MORE, "swept"):
            with self.subTest(name):
                self.assertEqual(replayed.status(f"more.{name}", HOST), ("not_reviewed", "not_recorded"), replayed)
        self.assertIn("recorded with other rules", " ".join(replayed.report["notices"]))
        for check in recorded.report["checks"]:
            with self.subTest(check["rule"], target=check["target"]):
                self.assertEqual(replayed.status(check["rule"], check["target"]), (check["status"], check["reason"]))

    def test_a_changed_rule_is_judged_on_what_was_recorded(self):
        self.record(self.inventory())
        changed = EVERY_WORD.replace("    return info", '    do return fail("TLS " .. seen.tls.version, seen.tls) end\n    return info')
        self.write("rules/lab/every.lua", intrusive(changed, "lab.every", "ports = { 22 }"))
        replayed = self.replay()
        self.assertEqual(replayed.status("lab.every", HOST)[0], "fail", replayed)

    def test_a_target_that_was_not_recorded_is_not_reviewed(self):
        self.record(self.inventory())
        self.write("other.toml", targets(SILENT, "web.lab.test", head=RESOLVER))
        replayed = self.replay(inventory="other.toml")
        for target in (SILENT, "web.lab.test"):
            for name in ("lab.dns", "exposure.telnet-open", "ssh.version"):
                self.assertEqual(replayed.status(name, target), ("not_reviewed", "not_recorded"), replayed)
        self.assertIn("another inventory", " ".join(replayed.report["notices"]))

    def test_a_transcript_is_refused_where_it_is_not_whole(self):
        self.record(targets(HOST, head=RESOLVER))
        whole = self.transcript.read_bytes()
        for data, words in ((whole[:-1], "was cut off"), (whole[:200], "was cut off"), (b"", "byte 0: the transcript ends here"),
                            (whole[:300] + bytes([whole[300] ^ 4]) + whole[301:], "was damaged or edited here"),
                            (whole[:8] + b"\x09" + whole[9:], "written by a newer audit"),
                            (whole + b"\n", "something follows the end"), (b"{}", "no transcript of audit")):
            with self.subTest(words):
                self.transcript.write_bytes(data)
                done = self.replay()
                self.assertMistake(done, words, str(self.transcript), "byte ")
        self.transcript.unlink()
        self.assertUsage(self.replay(), "cannot be read: No such file or directory")

    def test_mistakes_of_the_command_line(self):
        self.write("inventory.toml", targets(NOBODY))
        there = self.write("there", "")
        for words, expected in ((("--record", there), "there is such a file already"),
                                (("--record", self.directory / "a", "--replay", there), "exclude each other"),
                                (("--record", self.directory / "a", "--report", f"json={self.directory / 'a'}"),
                                 "cannot share")):
            done = self.audit(self.directory / "inventory.toml", *words)
            self.assertEqual(done.code, 64, done)
            self.assertIn(expected, done.err)
        self.assertEqual(there.read_text(), "")

    def test_a_transcript_that_cannot_be_begun_is_said_before_anything_is_asked(self):
        with peers.silent(HOST, 22) as ssh:
            done = self.run_inventory(targets(HOST), "--record", self.directory / "none/run")
            self.assertEqual(ssh.accepted, 0, done)
        self.assertEqual((done.code, done.report), (73, None), done)
        self.assertIn("No such file or directory; nothing was sent", done.err)

    def test_a_transcript_that_cannot_be_ended_is_said_and_the_reports_are_written(self):
        rules = {"lab/flood.lua": rule('    local s <close> = target:connect(7000)\n'
                                       '    return pass("read", { n = #s:read(60000), p = target:port(7000) })')}
        with peers.serving(HOST, 7000, lambda connection, _: connection.sendall(os.urandom(60_000))):
            full = self.directory / "full"
            full.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "lab", full], check=True)
            self.addCleanup(subprocess.run, ["umount", full], check=True)
            done = self.run_inventory(targets(HOST), "--record", full / "run", rules=rules, fail_on="never")
        self.assertEqual(done.code, 73, done)
        self.assertIn(f"{full / 'run'}: the transcript could not be written: No space left on device", done.err)
        self.assertEqual(done.status("lab.rule", HOST)[0], "pass")

    def test_no_secret_is_in_the_file_and_a_replay_without_it_says_the_same(self):
        head = RESOLVER + '[credentials.door]\nenv = "LAB_SECRET"\ncleartext = true\n'
        rules = {"lab/auth.lua": rule('    local answer = target:http(80, { auth = "door" })\n'
                                      '    return info("status", answer)', "lab.auth", "ports = { 80 }")}
        recorded = self.record(targets(HOST, head=head), rules=rules, environment={"LAB_SECRET": "user:swordfish"})
        self.assertEqual(recorded.status("lab.auth", HOST)[0], "informational", recorded)
        plain = subprocess.run(["python3", "-c", "import sys; print(sys.stdin.buffer.read().count(b'swordfish'))"],
                               input=self.transcript.read_bytes(), capture_output=True, check=True).stdout
        self.assertEqual(plain.strip(), b"0")
        self.assertSame(recorded, self.replay())

    def test_a_run_that_was_stopped_is_stopped_in_its_replay(self):
        rules = {"lab/wait.lua": rule('    local s <close> = target:connect(7000)\n'
                                      '    return pass("read", { n = s:read(1, { timeout = 30 }) })')}
        with peers.silent(HOST, 7000):
            recorded = self.run_inventory(targets(HOST), "--record", self.transcript, "--max-runtime", "1s", rules=rules,
                                          fail_on="never")
        self.assertFalse(recorded.report["run"]["complete"], recorded)
        self.assertEqual(recorded.status("lab.rule", HOST), ("not_reviewed", "stopped"))
        self.assertSame(recorded, self.replay(beside=""))
