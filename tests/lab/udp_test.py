"""`udp` and real servers: what is lost is asked again and counted."""

import network
import servers
from program import LabTest, rule, targets

HERE = "127.0.0.1"
SERVERS = {53: lambda: servers.named(HERE, 53), 123: servers.ntpd, 161: lambda: servers.snmpd(HERE)}

ASK = """
    local answer = require("udp_payloads").ask(target, %d)
    return info(answer.state, answer)"""


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

    def assert_counted(self, done, attempts):
        probes = done.summary["probes"]
        self.assertEqual((probes["asked"], probes["sent"], probes["retried"]),
                         (len(SERVERS), len(SERVERS) * attempts, len(SERVERS) * (attempts - 1)), done)
