"""--trace: a line a probe, on standard error, with what was said where it is asked for, and no secret in it."""

import re
import tempfile

import certificates
import peers
import tls_servers
from program import LabTest, rule, targets

READ = rule('    local banner = target:banner(7000)\n    return pass("it says " .. banner.text, { banner = banner })')


class TraceTest(LabTest):
    def lines(self, done, kind):
        return [line for line in done.err.splitlines() if re.match(rf"\S+Z {kind} +", line)]

    def test_each_probe_is_a_line_and_the_counts_agree_with_the_report(self):
        with peers.saying("127.0.0.20", 7000, b"hello\r\n"):
            done = self.run_inventory(targets("127.0.0.20"), "--trace", rules={"lab/read.lua": READ})
        self.assertEqual(done.code, 0, done)
        ports, streams = self.lines(done, "port"), self.lines(done, "stream")
        self.assertEqual((len(ports), len(streams)), (1, 1), done.err)
        self.assertIn("tcp/127.0.0.20:7000 open after", ports[0])
        self.assertRegex(streams[0], r"tcp/127.0.0.20:7000 open after [\d.]+ ms, sent 0 B, received 7 B, .* ms in all")
        echoes = self.lines(done, "echo")
        self.assertLessEqual(len(echoes), 1, done.err)  # where the sweep took longer than an echo waits
        self.assertEqual(done.report["summary"]["probes"]["sent"], 2 + len(echoes))
        self.assertNotIn("68 65 6c 6c 6f", done.err)

    def test_an_echo_that_looks_for_life_is_a_line(self):
        done = self.run_inventory(targets("127.0.0.20", head='[limits]\ngap = "1ms"\n'), "--trace", rules={"lab/read.lua": READ})
        echoes = self.lines(done, "echo")
        self.assertEqual(len(echoes), 1, done.err)
        self.assertRegex(echoes[0], r"icmp\S*/127.0.0.20 sent 56 B in 1, received 56 B in 1 after [\d.]+ ms, ")

    def test_bytes_are_shown_in_hexadecimal(self):
        with peers.saying("127.0.0.20", 7000, b"hello\x1b[31m\r\n"):
            done = self.run_inventory(targets("127.0.0.20"), "--trace=bytes", rules={"lab/read.lua": READ})
        self.assertIn("tcp/127.0.0.20:7000 < 00000000  68 65 6c 6c 6f 1b 5b 33 31 6d 0d 0a", done.err)
        self.assertNotIn("\x1b", done.err)

    def test_a_probe_by_hand_is_traced_too(self):
        with peers.saying("127.0.0.20", 7000, b"hello\r\n"):
            done = self.audit("probe", "tcp", "127.0.0.20", "7000", "--send", "me\\r\\n", "--trace=bytes")
        self.assertIn("> 00000000  6d 65 0d 0a", done.err)
        self.assertIn("sent 4 B, received 7 B", done.err)

    def test_a_ping_is_a_line_with_every_round_trip_and_its_payload(self):
        done = self.audit("probe", "ping", "127.0.0.20", "--count", "2", "--interval", "0.01", "--trace=bytes")
        echoes = self.lines(done, "echo")
        self.assertEqual(len(echoes), 1, done.err)
        self.assertRegex(echoes[0], r"icmp\S*/127.0.0.20 sent 112 B in 2, received 112 B in 2 after [\d.]+ ms to [\d.]+ ms, "
                                    r"closed here, [\d.]+ ms in all$")
        payloads = {arrow: re.findall(rf"^icmp\S*/127.0.0.20 {arrow} [0-9a-f]{{8}}  (.{{47}})", done.err, re.M)
                    for arrow in "<>"}
        self.assertEqual(len(payloads[">"]), 8, done.err)
        self.assertEqual(sorted(payloads[">"]), sorted(payloads["<"]))

    def test_a_secret_is_masked_though_the_peer_says_it_back(self):
        body = ('    local answer = target:http(7000, { auth = "web" })\n'
                '    return pass("status " .. answer.status, { answer = answer })')
        head = '[credentials.web]\nenv = "LAB_SECRET"\ncleartext = true\n'
        with peers.serving("127.0.0.20", 7000, self.echo):
            done = self.run_inventory(targets("127.0.0.20", head=head), "--trace=bytes",
                                      rules={"lab/auth.lua": rule(body)}, environment={"LAB_SECRET": "user:swordfish"})
        text = "".join(line[-16:] for line in done.err.splitlines() if re.search(r" [<>] [0-9a-f]{8}  ", line))
        self.assertIn("Authorization: B", text)
        self.assertNotIn("swordfish", text)
        self.assertNotIn("dXNlcjpzd29yZGZpc2g", text)

    def test_a_handshake_is_told_and_what_is_said_within_it_is_shown_without_the_secret(self):
        body = ('    local answer = target:http(4433, { tls = true, auth = "web" })\n'
                '    return pass("status " .. answer.status, { answer = answer })')
        head = '[credentials.web]\nenv = "LAB_SECRET"\nunverified = true\n'
        with tempfile.TemporaryDirectory() as folder:
            pair = certificates.Authority(folder).issue("web", "DNS:web.lab.test")
            with tls_servers.s_server("127.0.0.20", pair, "-www", port=4433):
                asked = self.run_inventory(targets("127.0.0.20", head=head), "--trace=bytes",
                                           rules={"lab/auth.lua": rule(body, declares="ports = { 4433 }")},
                                           environment={"LAB_SECRET": "user:swordfish"})
                plain = self.audit("probe", "tls", "127.0.0.20", "4433", "--trace")
            with peers.saying("127.0.0.20", 4434, b"no TLS here\r\n"):
                failed = self.audit("probe", "tls", "127.0.0.20", "4434", "--trace")
        self.assertRegex(plain.err, r"tcp/127.0.0.20:4433 open after [\d.]+ ms, TLSv1.3 .* in [\d.]+ ms")
        self.assertIn("TLS failed", failed.err)
        text = "".join(line[-16:] for line in asked.err.splitlines() if re.search(r" [<>] [0-9a-f]{8}  ", line))
        self.assertNotIn("swordfish", text)
        self.assertNotIn("dXNlcjpzd29yZGZpc2g", text)
        self.assertIn("GET / HTTP/1.1", text)

    @staticmethod
    def echo(connection, _peer):
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(heard), heard))
