"""ICMP echo and host discovery: the same answers as ping's, by whatever way this machine has, on hosts of their own."""

import json
import os
import re
import subprocess
import time

import hosts
import network
from processes import find_program
from program import LabTest, program, targets

GROUPS = "/proc/sys/net/ipv4/ping_group_range"
FAST = '[limits]\ntimeout = "200ms"\nattempts = 2'
WITHOUT_RAW = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", "--ambient-caps", "-net_raw")


def let_groups(text):
    with open(GROUPS, "w", encoding="ascii") as file:
        file.write(text)


class HostTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        self.host = self.enterContext(hosts.host())
        try:
            let_groups("1 0")
        except OSError as error:  # a user namespace of one group knows no other
            self.skipTest(f"who may open ping sockets cannot be set here: {error.strerror}; as root it can")

    def ping(self, *words):
        done = self.audit("probe", "ping", *words, "--json")
        return done, [json.loads(line) for line in done.out.splitlines()]

    def unprivileged(self, *words):
        """The program without CAP_NET_RAW."""
        return subprocess.run([*WITHOUT_RAW, program(), *map(str, words)], text=True, capture_output=True, check=False,
                              timeout=60)


def said_by_ping(address, count, interval=0.2):
    """What iputils' ping writes."""
    return subprocess.run([find_program("ping"), "-n", "-c", str(count), "-i", str(interval), "-W", "1", address], text=True,
                          capture_output=True, check=False, timeout=60).stdout


def received_by_ping(address, count):
    """What iputils' ping counts."""
    return tuple(map(int, re.search(r"(\d+) packets transmitted, (\d+) received", said_by_ping(address, count)).groups()))


class PingTest(HostTest):
    def assertAsPing(self, address, count=5):
        done, (line,) = self.ping(address, "--count", count, "--timeout", "1")
        seen = line.get("seen", {})
        self.assertEqual((seen.get("sent"), seen.get("received")), received_by_ping(address, count), done)
        return done, line

    def test_every_echo_is_answered_over_both_families(self):
        for address in (self.host.v4, self.host.v6):
            with self.subTest(address):
                done, line = self.assertAsPing(address)
                seen = line["seen"]
                self.assertEqual((done.code, seen["loss"], seen["address"]), (0, 0, address))
                self.assertLessEqual(seen["rtt_min"], seen["rtt_avg"])
                self.assertLessEqual(seen["rtt_avg"], seen["rtt_max"])
                self.assertGreater(seen["rtt_min"], 0)

    def test_every_second_echo_is_lost(self):
        self.host.rule("icmp type echo-request numgen inc mod 2 0 drop")
        _, line = self.assertAsPing(self.host.v4, 6)
        self.assertEqual(line["seen"]["loss"], 0.5)

    def test_as_many_echoes_are_lost_as_the_kernel_drops_over_both_families(self):
        for address, echo in ((self.host.v4, "icmp type echo-request"), (self.host.v6, "icmpv6 type echo-request")):
            with self.subTest(address):
                dropped = self.host.drop(f"{echo} numgen inc mod 5 < 2")
                done, line = self.assertAsPing(address, 10)
                self.assertEqual((line["seen"]["received"], line["seen"]["loss"]), (6, 0.4), done)
                self.assertEqual(self.host.counted(dropped), 2 * 4, "of ours and of ping's")

    def test_a_host_that_drops_echoes_is_unreachable(self):
        self.host.rule("icmp type echo-request drop")
        done, line = self.assertAsPing(self.host.v4, 2)
        self.assertEqual((done.code, line["reason"]), (2, "unreachable"), done)
        self.assertIn("no reply to 2 requests", line["message"])

    def test_an_icmp_error_in_place_of_a_reply_names_its_sender(self):
        self.host.rule("icmp type echo-request reject with icmp type admin-prohibited")
        done, (line,) = self.ping(self.host.v4, "--count", "1", "--timeout", "1")
        self.assertEqual(line["reason"], "unreachable", done)
        self.assertIn(f"administratively prohibited from {self.host.v4}", line["message"])

    def test_a_large_echo_goes_in_fragments(self):
        for address in (self.host.v4, self.host.v6):
            done, (line,) = self.ping(address, "--count", "2", "--size", "9000")
            self.assertEqual(line["seen"]["received"], 2, done)

    def test_the_way_is_a_ping_socket_then_a_raw_one_then_tcp_and_it_is_said(self):
        self.host.listen(80)
        _, (line,) = self.ping(self.host.v4)
        self.assertEqual(line["seen"]["method"], "icmp-raw")
        for address in (self.host.v4, self.host.v6):
            done = self.unprivileged("probe", "ping", address, "--json")
            seen = json.loads(done.stdout)["seen"]
            self.assertEqual((seen["method"], seen["received"]), ("tcp", 3), done)
            self.assertIn("ping_group_range", done.stderr)
        done = self.unprivileged("probe", "ping", self.host.v4)
        self.assertIn("tcp", done.stdout)
        let_groups(f"{os.getegid()} {os.getegid()}")
        for address in (self.host.v4, self.host.v6):
            done = self.unprivileged("probe", "ping", address, "--json")
            self.assertEqual(json.loads(done.stdout)["seen"]["method"], "icmp", done)
            self.assertEqual(done.stderr, "")

    def test_a_ping_socket_sees_what_a_raw_one_sees(self):
        let_groups(f"{os.getegid()} {os.getegid()}")
        self.assertAsPing(self.host.v4)
        self.assertAsPing(self.host.v6)
        self.host.rule("icmp type echo-request reject with icmp type host-unreachable")
        done, (line,) = self.ping(self.host.v4, "--count", "1", "--timeout", "1")
        self.assertIn(f"host unreachable from {self.host.v4}", line["message"], done)

    def test_a_network_lists_who_answers(self):
        done = self.audit("probe", "ping", self.host.link, "--count", "1", "--timeout", "0.3")
        self.assertEqual([line.split()[0] for line in sorted(done.out.splitlines())], ["10.88.1.1", "10.88.1.2"], done)
        self.assertIn("2 answered, 4 did not", done.err)
        self.assertEqual(done.code, 0, done)

    def test_what_is_no_ping_is_a_usage_error(self):
        for words in ([], ["10.88.1.2", "--count", "0"], ["10.88.1.2", "--size", "65508"], ["300.1.1.1/99"]):
            self.assertEqual(self.audit("probe", "ping", *words).code, 64)


class RoundTripTest(HostTest):
    def test_the_least_the_mean_and_the_greatest_round_trip_are_what_the_way_takes_and_as_pings(self):
        delays = (1.4, 0.1, 0.2)
        far = self.enterContext(hosts.host(2, delays))
        for address in (far.v4, far.v6):
            with self.subTest(address):
                for method, groups in (("icmp-raw", "1 0"), ("icmp", f"{os.getegid()} {os.getegid()}")):
                    let_groups(groups)
                    done, (line,) = self.ping(address, "--count", len(delays), "--timeout", "10")
                    seen = line["seen"]
                    self.assertEqual([seen[name] for name in ("method", "received", "loss", "late", "duplicates")],
                                     [method, len(delays), 0, 0, 0], done)
                    self.assert_took(delays, (seen["rtt_min"], seen["rtt_avg"], seen["rtt_max"]), done.seconds)
                began = time.monotonic()
                said = said_by_ping(address, len(delays), 1.5)  # for the last it waits twice the longest so far
                self.assertIn("3 received", said)
                took = re.search(r"min/avg/max/mdev = ([\d.]+)/([\d.]+)/([\d.]+)/", said).groups()
                self.assert_took(delays, [float(each) / 1000 for each in took], time.monotonic() - began)

    def assert_took(self, delays, found, whole):
        """Three round trips, ordered, are each no less than the delays, ordered, and no more than the whole run."""
        least, mean, greatest = found
        middle = 3 * mean - least - greatest
        for each, delay in zip((least, middle, greatest), sorted(delays)):
            self.assertGreaterEqual(each + 1e-5, delay, found)  # ping writes microseconds
        self.assertEqual([least, middle, greatest], sorted([least, middle, greatest]))
        self.assertLessEqual(greatest, whole, found)

    def test_a_reply_that_comes_after_its_timeout_is_counted_and_not_believed(self):
        far = self.enterContext(hosts.host(2, delays=(3.5, 0, 0)))
        done, (line,) = self.ping(far.v4, "--count", "3", "--timeout", "3", "--interval", "2")
        seen = line["seen"]
        self.assertEqual((seen["sent"], seen["received"], seen["late"]), (3, 2, 1), done)
        self.assertLess(seen["rtt_max"], 3)


class DiscoveryTest(HostTest):
    def test_a_candidate_that_answers_echoes_alone_is_a_target(self):
        self.host.rule("meta l4proto { tcp, udp } drop")
        text = targets(head=f'select = "exposure.telnet-open"\n{FAST}\n[scope]\nexclude = ["10.88.1.1"]')
        done = self.run_inventory(text + f'\n[[targets]]\naddress = "{self.host.link}"\n')
        self.assertEqual((done.summary["targets"], done.summary["dark"]), (1, 4), done)
        self.assertEqual(done.status("exposure.telnet-open", self.host.v4), ("pass", "filtered"), done)
        self.assertEqual(done.target(self.host.v4)["life"], "alive")
        self.assertRegex(done.target(self.host.v4)["life_message"], r"^answered ICMP echo in \d+\.\d ms$")

    def test_an_echo_that_is_lost_is_sent_again_before_a_host_is_silent(self):
        self.host.rule("meta l4proto { tcp, udp } drop")
        for family, echo in ((self.host.v4, "icmp type echo-request"), (self.host.v6, "icmpv6 type echo-request")):
            with self.subTest(family):
                sent = self.host.count(echo)
                self.host.drop(f"{echo} numgen inc mod 65536 < 1")
                done = self.run_inventory(targets(family, head=f'select = "exposure.telnet-open"\n{FAST.replace("200ms", "1s")}'))
                self.assertEqual((done.target(family)["life"], self.host.counted(sent)), ("alive", 2), done)

    def test_a_host_that_answers_tcp_alone_lives_too(self):
        self.host.rule("icmp type echo-request drop")
        done = self.run_inventory(targets(self.host.v4, head=f'select = "exposure.telnet-open"\n{FAST}'))
        self.assertEqual(done.status("exposure.telnet-open", self.host.v4), ("pass", "closed"), done)
        self.assertIn("answered tcp/23 (RST)", done.target(self.host.v4)["life_message"])

    def test_a_silent_listed_host_costs_a_few_packets_and_what_was_not_asked_is_said(self):
        packets = self.host.count("meta l4proto { tcp, icmp }")
        self.host.rule("meta l4proto { tcp, icmp } drop")
        text = ('schema = 1\n[audit]\nname = "lab"\nselect = "policy.*"\n' + FAST +
                '\n[groups.g]\nexpect.tcp = { sweep = "1-65535", allow = [22] }\n'
                f'[[targets]]\naddress = "{self.host.v4}"\ngroups = ["g"]\n')
        done = self.run_inventory(text)
        self.assertEqual(done.status("policy.port-unexpected", self.host.v4), ("not_reviewed", "unreachable"), done)
        self.assertIn("more ports not asked", done.check("policy.port-unexpected", self.host.v4)["message"])
        self.assertEqual(self.host.counted(packets), 64 * 2 + 2, done)
        self.assertEqual(done.target(self.host.v4)["life"], "silent")

    def test_where_the_kernel_gives_no_icmp_the_sweep_looks_alone_and_a_notice_says_so_once(self):
        self.host.rule("meta l4proto tcp drop")  # who answers the sweep at once is sent no echo
        self.write("inventory.toml", targets(self.host.v4, "10.88.1.1", head='select = "exposure.telnet-open"\n' + FAST))
        path = self.directory / "report.json"
        done = self.unprivileged("run", self.directory / "inventory.toml", "--report", f"json={path}", "--quiet")
        report = json.loads(path.read_text())
        self.assertEqual({target["id"]: target["life"] for target in report["targets"]},
                         {self.host.v4: "silent", "10.88.1.1": "alive"}, done)
        told = [notice for notice in report["notices"] if "ICMP socket" in notice]
        self.assertEqual(len(told), 1, report["notices"])
        self.assertIn("looked for by their ports alone", told[0])

    def test_the_plan_counts_the_echoes(self):
        text = targets(self.host.v4, "10.88.1.0/29", head='select = "exposure.telnet-open"')
        done = self.audit("plan", self.write("inventory.toml", text))
        self.assertRegex(done.out, r"Sweep: \d+ TCP connects at one attempt each, and up to \d+ ICMP echoes, to hosts", done)
