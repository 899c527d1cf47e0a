"""`udp` and real servers: what is lost is asked again and counted, and of an answer in several datagrams each is heard."""

import hashlib
import re
import socket
import struct
import subprocess

import network
import servers
from processes import find_program
from program import LabTest, rule, targets

HERE = "127.0.0.1"
SERVERS = {53: lambda: servers.named(HERE, 53), 123: servers.ntpd, 161: lambda: servers.snmpd(HERE)}

ASK = """
    local answer = require("udp_payloads").ask(target, %d)
    return info(answer.state, answer)"""


def heard(address, port, question, count):
    """The first so many datagrams that a socket hears in answer, and that no more follow."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((address, port))
        asking.settimeout(20)
        asking.send(question)
        replies = [asking.recv(65535) for _ in range(count)]
        asking.settimeout(0.5)
        try:
            raise AssertionError(f"one more than {count} datagrams: {asking.recv(65535)}")
        except TimeoutError:
            return replies


class LossTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)

    def asked(self, lost, timeout):
        """A run that asks each server at once while its first datagrams are lost: its report, the answers by port, and how
        many datagrams were sent to each and came there."""
        lua = {f"udp{port}.lua": rule(ASK % port, f"lab.udp{port}", declares='requires = "nothing"') for port in SERVERS}
        with network.firewall() as firewall:
            sent = {port: firewall.count(HERE, port, "udp") for port in SERVERS}
            for port in SERVERS:
                firewall.lose(lost, HERE, port)
            came = {port: firewall.count(HERE, port, "udp") for port in SERVERS}
            done = self.run_inventory(targets(HERE, head=f'[limits]\ntimeout = "{timeout}"\nattempts = 3'), rules=lua)
            counts = {port: (firewall.counted(sent[port]), firewall.counted(came[port])) for port in SERVERS}
        answers = {port: done.check(f"lab.udp{port}", HERE)["evidence"][0] for port in SERVERS}
        return done, answers, counts

    def test_the_answer_comes_at_the_attempt_that_is_not_lost(self):
        for server in SERVERS.values():
            self.enterContext(server())
        for lost in range(3):
            with self.subTest(lost):
                done, answers, counts = self.asked(lost, "2s")
                for port, answer in answers.items():
                    self.assertEqual((answer["reason"], answer["seen"]["state"], len(answer["seen"]["replies"])),
                                     ("observed", "open", 1), done)
                    self.assertEqual(answer["attempts"], lost + 1, f"udp/{port}: {done}")
                    self.assertEqual(counts[port], (lost + 1, 1), f"udp/{port}: {done}")
                self.assert_counted(done, lost + 1)

    def test_where_every_attempt_is_lost_a_server_is_open_or_filtered(self):
        for server in SERVERS.values():
            self.enterContext(server())
        done, answers, counts = self.asked(3, "200ms")
        for port, answer in answers.items():
            self.assertEqual((answer["reason"], answer["seen"]), ("filtered", {"state": "open|filtered"}), done)
            self.assertEqual((answer["attempts"], counts[port]), (3, (3, 0)), f"udp/{port}: {done}")
        self.assert_counted(done, 3)

    def test_a_question_to_a_dns_server_is_asked_again_over_both_families(self):
        for address in (HERE, "::1"):
            at = f"[{address}]:53" if ":" in address else f"{address}:53"
            body = f"""
    local answer = target:dns("ssh.lab.test", {{ server = "{at}" }})
    return info(answer.answers[1].data, answer)"""
            for lost in range(4):
                with self.subTest((address, lost)), servers.named(address, 53), network.firewall() as firewall:
                    sent = firewall.count(address, 53, "udp")
                    firewall.lose(lost, address, 53)
                    head = f'[limits]\ntimeout = "{"1s" if lost < 3 else "200ms"}"\nattempts = 3'
                    done = self.run_inventory(targets(address, head=head),
                                              rules={"lab.lua": rule(body, declares='requires = "nothing"')})
                    check = done.check("lab.rule", address)
                    wanted = ("informational", "observed", lost + 1) if lost < 3 else ("error", "timeout", 3)
                    self.assertEqual((check["status"], check["reason"], check["evidence"][0]["attempts"]), wanted, done)
                    self.assertEqual((firewall.counted(sent), done.summary["probes"]["sent"]), (wanted[2], wanted[2]), done)
                    self.assertEqual(check["message"] == "127.0.0.12", lost < 3, done)

    def assert_counted(self, done, attempts):
        probes = done.summary["probes"]
        self.assertEqual((probes["asked"], probes["sent"], probes["retried"]),
                         (len(SERVERS), len(SERVERS) * attempts, len(SERVERS) * (attempts - 1)), done)


class SeveralRepliesTest(LabTest):
    def replies(self, address, port, question, most):
        """What `udp` with `replies` hears, as a list of lengths and hashes, and how it says that it went."""
        body = f"""
    local answer = target:udp({port}, {{ send = bytes.unhex("{question.hex()}"), replies = {most}, timeout = 3 }})
    local told = {{ answer.state, answer.attempts }}
    for _, reply in ipairs(answer.replies) do
      told[#told + 1] = reply.length .. ":" .. reply.from .. ":" .. bytes.hex(crypto.hash("sha256", reply.bytes))
    end
    return info(table.concat(told, " "), answer)"""
        done = self.run_inventory(targets(address), rules={"lab.lua": rule(body, declares='requires = "nothing"')})
        check = done.check("lab.rule", address)
        self.assertEqual(check["status"], "informational", f"{check}\n{done}")
        state, attempts, *replies = check["message"].split()
        self.assertEqual((state, attempts), ("open", "1"), done)
        return replies

    def assert_all_heard(self, address, port, question, expected):
        """All of them: where so many are waited for, and where more are; and no more than are waited for."""
        told = [f"{len(one)}:{address}:{port}:{hashlib.sha256(one).hexdigest()}" for one in expected]
        for most in (len(expected), len(expected) + 1, len(expected) - 1, 1):
            with self.subTest(most):
                self.assertEqual(self.replies(address, port, question, most), told[:most])

    def test_every_fragment_of_ntps_variables_is_heard(self):
        # Those that do not change, and more than the 468 bytes that one datagram carries (RFC 9327 section 2).
        names = ("processor version system leap stratum precision refid tc peer mru_enabled mru_mindepth mru_maxage mru_minage "
                 "mru_maxdepth mru_maxmem mru_hashslots authkeys authfreek authklookups authknotfound authencrypts "
                 "authdigestencrypts authcmacencrypts authdecrypts authdigestdecrypts authdigestfails authcmacdecrypts "
                 "authcmacfails").replace(" ", ",").encode()
        question = struct.pack(">BBHHHHH", 0x16, 2, 7, 0, 0, 0, len(names)) + names + bytes(-len(names) % 4)
        with servers.ntpd():
            expected = heard(HERE, 123, question, 2)
            self.assertEqual([one[1] & 0x20 for one in expected], [0x20, 0], "the bit that says that more follows")
            self.assert_all_heard(HERE, 123, question, expected)
            said = subprocess.run([find_program("ntpq"), "-n", "-c", "raw", "-c", f"rv 0 {names.decode()}", HERE], text=True,
                                  capture_output=True, check=True, timeout=60).stdout
        text = b"".join(one[12:12 + struct.unpack_from(">H", one, 10)[0]] for one in expected).decode()
        self.assertEqual(set(variables(text)), set(names.decode().split(",")))
        self.assertEqual(variables(text), {name: value for name, value in variables(said).items() if name in variables(text)})

    def test_every_datagram_of_a_large_value_of_memcached_is_heard(self):
        value = bytes(number * 7 % 251 for number in range(20_000))
        with servers.memcached("127.0.0.46"):
            with socket.create_connection(("127.0.0.46", 11211)) as storing:
                storing.sendall(b"set large 0 0 20000\r\n" + value + b"\r\n")
                self.assertEqual(storing.recv(100), b"STORED\r\n")
            question = struct.pack(">HHHH", 7, 0, 1, 0) + b"get large\r\n"
            expected = heard("127.0.0.46", 11211, question, 15)
            self.assertIn(value, b"".join(one[8:] for one in expected))
            self.assert_all_heard("127.0.0.46", 11211, question, expected)


def variables(text):
    return dict(re.findall(r'(\w+)=("[^"]*"|[^,\s]*)', text))
