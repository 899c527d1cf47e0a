"""Faults of this machine and of the peers: a fault of ours is never a state of theirs, and nobody holds up the run."""

import network
import peers
import processes
import servers
from program import LabTest, limits, rule, targets

PATIENT = 'return info("it spoke", target:banner(7000))'
SHORT = '[limits]\ntimeout = "500ms"\nattempts = 2'


class LocalFaultTest(LabTest):
    def test_no_route_is_a_local_fault_and_never_a_closed_port(self):
        for kind in ("unreachable", "blackhole", "prohibit"):
            with self.subTest(kind), network.no_route("198.51.100.0/24", kind):
                done = self.run_inventory(targets("198.51.100.1", "127.0.0.14",
                                                  head=f'select = "exposure.*"\n{SHORT}'))
                self.assertUnseen(done, "198.51.100.1")

    def test_an_unreachable_network_is_a_local_fault_and_never_a_closed_port(self):
        done = self.run_inventory(targets("192.0.2.7", "2001:db8::7", "127.0.0.14", head=f'select = "exposure.*"\n{SHORT}'))
        self.assertUnseen(done, "192.0.2.7")
        self.assertUnseen(done, "2001:db8::7")

    def assertUnseen(self, done, target):
        self.assertEqual(done.code, 2, done)
        self.assertEqual(done.status("exposure.telnet-open", target), ("error", "local_fault"), done)
        record = done.target(target)
        self.assertEqual(record["ports_closed"], 0, record)
        self.assertEqual({port["state"] for port in record["ports"]} - {"local_fault", "stopped"}, set(), record)
        self.assertGreater(done.summary["local_faults"], 0)
        self.assertEqual(done.status("exposure.telnet-open", "127.0.0.14")[0], "pass", done)

    def test_a_host_that_the_link_does_not_know_is_not_reviewed(self):
        with network.link():
            done = self.run_inventory(targets("10.77.0.9", "127.0.0.14", head=f'select = "exposure.*"\n{SHORT}'))
        status, reason = done.status("exposure.telnet-open", "10.77.0.9")
        self.assertEqual((status, reason in ("unreachable", "filtered")), ("not_reviewed", True), done)

    def test_64_descriptors_are_enough_for_a_run_that_says_the_same(self):
        addresses = [f"127.0.1.{i}" for i in range(1, 101)]
        text = targets(*addresses, head='select = "not dns.*"')
        with servers.sshd("127.0.1.7"), servers.nginx("127.0.1.8"), peers.saying("127.0.1.9", 23, b"login: "):
            free = self.run_inventory(text)
            tight = self.run_inventory(text, before=limits(descriptors=64))

        def facts(done):
            return [(c["rule"], c["target"], c["status"], c["reason"]) for c in done.report["checks"]]
        self.assertEqual(facts(tight), facts(free))
        self.assertEqual(tight.code, 1, tight)
        self.assertIn(("exposure.telnet-open", "127.0.1.9"), tight.failures())

    def test_too_few_descriptors_to_work_at_all_pass_nothing(self):
        # UBSan reads an object's type through a pipe, and takes the want of one for a bad object.
        least = (8,) if processes.PATIENCE == 1 else ()
        for descriptors in (*least, 12, 16, 24):
            with self.subTest(descriptors):
                done = self.start(self.write("i.toml", targets("127.0.0.14", head='select = "exposure.*"')),
                                  report=True, before=limits(descriptors=descriptors)).end()
                self.assertIn(done.code, (0, 2, 70, 73), done)
                if done.code == 0:
                    self.assertEqual(done.summary["coverage"], 1, done)


class PeerTest(LabTest):
    """Each peer costs its own check and no other: the neighbour on 127.0.0.12 is always judged."""

    def judge(self, body, timeout="500ms", attempts=1, longest=20):
        rules = {"lab/talk.lua": rule(f"    {body}", "lab.talk"),
                 "lab/near.lua": rule('    return pass("spoke", target:banner(22))', "lab.near", "ports = { 22 }")}
        with servers.sshd("127.0.0.12"):
            done = self.run_inventory(
                targets("127.0.0.20", "127.0.0.12", head=f'[limits]\ntimeout = "{timeout}"\nattempts = {attempts}'),
                rules=rules, timeout=longest)
        self.assertEqual(done.status("lab.near", "127.0.0.12")[0], "pass", done)
        return done.check("lab.talk", "127.0.0.20")

    def test_one_that_accepts_and_never_speaks_times_out(self):
        with peers.silent("127.0.0.20", 7000):
            check = self.judge(PATIENT)
        self.assertEqual((check["status"], check["reason"]), ("error", "timeout"))

    def test_one_that_resets_at_once_is_an_error_and_its_port_was_open(self):
        with peers.resetting("127.0.0.20", 7000):
            check = self.judge(PATIENT)
        self.assertEqual((check["status"], check["reason"]), ("error", "reset"))

    def test_one_that_closes_without_a_word_has_no_banner(self):
        with peers.closing("127.0.0.20", 7000):
            check = self.judge('local stream <close> = target:connect(7000)\n    return pass("line", stream:read_line())')
        self.assertEqual((check["status"], check["reason"]), ("error", "eof"))

    def test_one_that_sends_for_ever_is_cut_at_the_cap(self):
        with peers.endless("127.0.0.20", 7000):
            check = self.judge('local banner = target:banner(7000)\n    return info("ended by " .. banner.ended, banner)')
        self.assertEqual((check["status"], check["message"]), ("informational", "ended by cap"))

    def test_a_line_of_ten_megabytes_is_cut_at_the_cap(self):
        with peers.flood("127.0.0.20", 7000):
            check = self.judge('local stream <close> = target:connect(7000)\n    return pass("line", stream:read_line())')
        self.assertEqual((check["status"], check["reason"]), ("error", "truncated"))

    def test_one_that_trickles_cannot_stretch_the_deadline(self):
        with peers.trickling("127.0.0.20", 7000, every=0.05):
            check = self.judge('local stream <close> = target:connect(7000)\n    return pass("line", stream:read_line())',
                               longest=30)
        self.assertEqual(check["status"], "error")
        self.assertIn(check["reason"], ("timeout", "truncated"))

    def test_an_http_server_that_speaks_no_http_is_an_error(self):
        with peers.http("127.0.0.20", 7000, b"Go away\r\n\r\n"):
            check = self.judge('return pass("web", target:http(7000))')
        self.assertEqual((check["status"], check["reason"]), ("error", "protocol_error"))

    def test_an_endless_http_header_is_cut(self):
        def response(request):
            return b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2_000_000
        with peers.http("127.0.0.20", 7000, response):
            check = self.judge('return pass("web", target:http(7000))')
        self.assertEqual(check["status"], "error")
        self.assertIn(check["reason"], ("protocol_error", "truncated", "timeout"))


class FilteredTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)

    def test_a_filtered_port_passes_only_on_a_host_that_answered_otherwise(self):
        with network.firewall() as firewall, servers.sshd("127.0.0.67"):
            firewall.drop("127.0.0.66")
            asked = firewall.count("127.0.0.67", "23")
            firewall.drop("127.0.0.67", 23)
            done = self.run_inventory(targets("127.0.0.66", "127.0.0.67", head=f'select = "exposure.telnet-open or ssh.*"\n{SHORT}'))
            self.assertEqual(firewall.counted(asked), 2, "a filtered port with attempts left over")
        self.assertEqual(done.code, 2, done)
        status, reason = done.status("exposure.telnet-open", "127.0.0.66")
        self.assertEqual((status, reason in ("filtered", "unreachable")), ("not_reviewed", True), done)
        self.assertEqual(done.status("exposure.telnet-open", "127.0.0.67")[0], "pass", done)
        self.assertEqual(done.status("exposure.telnet-open", "127.0.0.67")[1], "filtered", done)
