"""[limits] rate: whatever the probes are, a run that sent so many took at least as long as the rate asks for them."""

import contextlib
import datetime
import os
import pathlib

import network
import peers
import servers
from program import LabTest, rule, targets

RATE, EACH = 50, 25
HOSTS = [f"127.0.0.{n}" for n in range(20, 24)]  # 127.0.0.20/30
HEAD = f"select = \"lab.*\"\n[limits]\nrate = {RATE}\ntimeout = \"10s\"\n"


def least(count):
    """The seconds that so many take: a hundredth of a second's worth may go at once, and each shard holds a batch."""
    batch = max(1, RATE * 0.002)
    at_once = RATE * 0.010 + (len(os.sched_getaffinity(0)) + 1) * batch + 1
    return (count - at_once) / RATE


def repeated(call):
    return f"""
    for i = 1, {EACH} do
      {call}
    end
    return info("asked")"""


class RateTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        firewall = self.enterContext(network.firewall())
        arriving = ("tcp flags & (syn | ack) == syn", "meta l4proto udp", "icmp type echo-request")
        counters = [firewall.count_matching(f"ip daddr {{ 127.0.0.1, 127.0.0.20/30 }} ct direction original {kind}")
                    for kind in arriving]
        self.arrived = lambda: sum(map(firewall.counted, counters))

    def asked(self, addresses, call=None, declares='requires = "nothing"'):
        """A run of one rule, and what arrived during it."""
        before = self.arrived()
        body = repeated(call) if call else '    return info("asked")'
        done = self.run_inventory(targets(*addresses, head=HEAD), rules={"lab.lua": rule(body, declares=declares)})
        wanted = "informational" if call else "not_applicable"
        self.assertEqual({check["status"] for check in done.report["checks"]}, {wanted}, done)
        return done, self.arrived() - before

    def assert_kept(self, done, count):
        self.assertEqual(done.summary["probes"]["sent"], count, done)
        began, ended = (datetime.datetime.fromisoformat(done.report["run"][name].rstrip("Z")) for name in ("started", "finished"))
        self.assertGreaterEqual((ended - began).total_seconds() + 0.001, least(count), done)

    def everywhere(self, peer):
        for address in HOSTS:
            self.enterContext(peer(address))

    def test_a_sweep_keeps_it(self):
        done, arrived = self.asked(HOSTS, declares=f'ports = {{ "7000-{7000 + EACH - 1}" }}')
        self.assertGreaterEqual(arrived, len(HOSTS) * EACH)
        self.assert_kept(done, arrived)

    def test_conversations_keep_it(self):
        self.everywhere(lambda address: peers.silent(address, 7000))
        done, arrived = self.asked(HOSTS, "target:connect(7000):close()")
        self.assertEqual(arrived, len(HOSTS) * EACH)
        self.assert_kept(done, arrived)

    def test_datagrams_keep_it_those_that_are_sent_again_too(self):
        self.everywhere(lambda address: peers.udp(address, 7000, lambda data: [data] if data == b"heard" else []))
        for call, attempts in (('target:udp(7000, { send = "heard", fresh = true })', 1),
                               ('target:udp(7000, { send = "silence", timeout = 0.001, attempts = 2, fresh = true })', 2)):
            with self.subTest(attempts):
                done, arrived = self.asked(HOSTS, call)
                self.assertEqual((arrived, done.summary["probes"]["retried"]),
                                 (len(HOSTS) * EACH * attempts, len(HOSTS) * EACH * (attempts - 1)), done)
                self.assert_kept(done, arrived)

    def test_questions_to_a_target_that_is_a_dns_server_keep_it(self):
        with servers.named():
            done, arrived = self.asked(["127.0.0.1"], """target:dns("x" .. i .. ".lab.test", { server = "127.0.0.1:5353" })
      target:dns("y" .. i .. ".lab.test", { server = "127.0.0.1:5353" })""")
        self.assertEqual(arrived, 2 * EACH)
        self.assert_kept(done, arrived)

    def test_echoes_keep_it(self):
        done, arrived = self.asked(HOSTS, "target:ping(target.address, { count = 1, fresh = true })")
        self.assertEqual(arrived, len(HOSTS) * EACH)
        self.assert_kept(done, arrived)

    def test_requests_on_a_connection_that_is_kept_keep_it(self):
        with contextlib.ExitStack() as started:
            webs = [started.enter_context(servers.nginx(address)) for address in HOSTS]
            done, connections = self.asked(HOSTS, "target:http(80, { fresh = true })")
            requests = sum(len(pathlib.Path(web.log.parent, "access.log").read_text().splitlines()) for web in webs)
        self.assertEqual(requests, len(HOSTS) * EACH)
        self.assertLess(connections, requests)
        self.assert_kept(done, requests)

    def test_all_kinds_of_probes_share_it(self):
        self.everywhere(lambda address: peers.udp(address, 7000, lambda data: [data]))
        self.everywhere(lambda address: peers.silent(address, 7000))
        done, arrived = self.asked(HOSTS, """target:connect(7000):close()
      target:udp(7000, { send = "x", fresh = true })
      target:ping(target.address, { count = 1, fresh = true })""", 'ports = { "7000-7024" }')
        self.assertGreaterEqual(arrived, len(HOSTS) * (EACH * 3 + 24))
        self.assert_kept(done, arrived)

    def test_probes_by_hand_keep_the_rate_that_they_are_given(self):
        for word, more in (("port", [f"7000-{7000 + EACH - 1}"]), ("ping", ["--count", EACH, "--interval", "0.001"])):
            with self.subTest(word):
                before = self.arrived()
                done = self.audit("probe", word, "127.0.0.20/30", *more, "--rate", RATE)
                arrived = self.arrived() - before
                self.assertGreaterEqual(arrived, 2 * EACH, done)
                self.assertGreaterEqual(done.seconds, least(arrived), done)
