"""Rules that ask the same of a target share one probe: the peer counts."""

import os
import socket
import ssl
import tempfile

import certificates
import peers
from program import LabTest, rule, targets


def fifty(body):
    return {f"lab/r{n}.lua": rule(body, f"lab.r{n}") for n in range(50)}


class SharingTest(LabTest):
    def test_fifty_rules_that_read_one_banner_cause_one_connection(self):
        body = ('    local banner = target:banner(7000)\n'
                '    return pass("it says " .. banner.text, { banner = banner })')
        with peers.saying("127.0.0.20", 7000, b"hello\r\n") as peer:
            done = self.run_inventory(targets("127.0.0.20"), rules=fifty(body))
            self.assertEqual(peer.accepted, 1, "the sweep's connection, for all rules")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.report["summary"]["pass"], 50)
        probes = done.report["summary"]["probes"]
        echoes = probes["sent"] - 2  # one, where the sweep took longer than an echo waits
        self.assertIn(echoes, (0, 1), probes)
        self.assertEqual((probes["asked"], probes["shared"]), (51 + echoes, 49), probes)
        for check in done.report["checks"]:
            self.assertEqual([item["probe"] for item in check["evidence"]], ["banner"], check)

    def test_fifty_rules_that_read_the_handshake_of_443_cause_one_however_they_ask_for_it(self):
        asked = ("443, { trust = 'none', starttls = 'none' }", "443, { starttls = 'none', trust = 'none' }",
                 "{ address = target.address, port = 443 }, { trust = 'none', starttls = 'none' }")
        body = "    local tls = target:tls(%s)\n    return pass(tls.version, { tls = tls })"
        rules = {f"lab/r{n}.lua": rule(body % asked[n % len(asked)], f"lab.r{n}", "ports = { 443 }") for n in range(50)}
        handshakes = []
        with tempfile.TemporaryDirectory() as folder:
            pair = certificates.Authority(folder).issue("web")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pair.certificate, pair.key)

            def talk(connection, _peer):
                with context.wrap_socket(connection, server_side=True) as within:
                    handshakes.append(within.version())
                    within.recv(1)

            with peers.serving("127.0.0.20", 443, talk) as peer:
                done = self.run_inventory(targets("127.0.0.20"), rules=rules)
                self.assertEqual(peer.accepted, 1, "the sweep's connection, for all rules")
        self.assertEqual((done.code, done.report["summary"]["pass"]), (0, 50), done)
        self.assertEqual((handshakes, done.report["summary"]["probes"]["shared"]), (["TLSv1.3"], 49))

    def test_a_rule_may_demand_a_fresh_answer(self):
        body = ('    local banner = target:banner(7000, { fresh = true })\n'
                '    return pass("it says " .. banner.text, { banner = banner })')
        with peers.saying("127.0.0.20", 7000, b"hello\r\n") as peer:
            done = self.run_inventory(targets("127.0.0.20"), rules=fifty(body))
            self.assertEqual(peer.accepted, 50, "the first has the sweep's connection")
        self.assertEqual(done.report["summary"]["probes"]["shared"], 0)

    def test_rules_that_ask_an_agent_or_a_clock_the_same_cause_one_datagram(self):
        def agent(question):
            at = question.index(b"\xa0")
            return question[:at] + b"\xa2" + question[at + 1:]

        def clock(question):
            return b"\x24\x01" + bytes(22) + question[40:48] + bytes(16)

        for library, port, answer in (("snmp.get(target, '1.3.6.1.2.1.1.1.0', { port = 7000 })", 7000, agent),
                                      ("ntp.query(target, { port = 7001 })", 7001, clock)):
            heard = []

            def hear(question, answer=answer, heard=heard):
                heard.append(question)
                return [answer(question)]

            body = (f'    local {library.split(".")[0]} = require("{library.split(".")[0]}")\n'
                    f'    local answer = {library}\n'
                    '    return pass(answer.state, answer)')
            rules = {f"lab/r{n}.lua": rule(body, f"lab.r{n}", declares='requires = "nothing"') for n in range(2)}
            with self.subTest(library), peers.udp("127.0.0.20", port, hear):
                for run in range(2):
                    done = self.run_inventory(targets("127.0.0.20"), rules=rules)
                    self.assertEqual(done.code, 0, done)
                    self.assertEqual(done.report["summary"]["probes"]["shared"], 1, done)
                    self.assertEqual(len(heard), run + 1, heard)
                self.assertNotEqual(heard[0], heard[1], "another run has other identifiers")

    def test_a_run_asks_the_dns_the_same_once_a_shard_as_long_as_the_answer_holds(self):
        heard = []

        def hear(query, address="127.0.0.7"):
            heard.append(query)
            question = query[12:query.index(b"\0", 12) + 5]
            record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(address)
            return [query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question + record]

        body = '    return pass("known", target:dns("host.lab.test"))'
        rules = {f"lab/r{n}.lua": rule(body, f"lab.r{n}", declares='requires = "nothing"') for n in range(5)}
        head = 'resolvers = ["127.0.0.1:5353"]'
        with peers.udp("127.0.0.1", 5353, hear):
            for addresses in (["127.0.0.20"], [f"127.0.0.{n}" for n in range(20, 40)]):
                heard.clear()
                done = self.run_inventory(targets(*addresses, head=head), rules=rules)
                self.assertEqual(done.report["summary"]["pass"], 5 * len(addresses), done)
                self.assertGreaterEqual(len(heard), 1)
                self.assertLessEqual(len(heard), min(len(addresses), len(os.sched_getaffinity(0))), "each shard keeps its own")
                self.assertEqual(done.report["summary"]["probes"]["shared"], 5 * len(addresses) - len(heard))

    def test_answers_that_found_no_room_are_counted_and_said(self):
        body = ('    for n = 1, 5 do target:http(7000, { max_body = 2000000 + n }) end\n'
                '    return pass("read", target:http(7000, { max_body = 2000001 }))')
        page = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + bytes(3_000_000)
        with peers.http("127.0.0.20", 7000, page):
            done = self.run_inventory(targets("127.0.0.20"), rules={"lab/r.lua": rule(body)})
        self.assertEqual(done.code, 0, done)
        probes = done.report["summary"]["probes"]
        # Four find room; the fifth displaces the first, which is asked again and displaces the second.
        self.assertEqual((probes["shared"], probes["evicted"]), (0, 2), probes)
        told = [notice for notice in done.report["notices"] if "8 MiB" in notice]
        self.assertEqual(len(told), 1, done.report["notices"])
        self.assertIn("127.0.0.20: 2 answers were not kept for other rules", told[0])
