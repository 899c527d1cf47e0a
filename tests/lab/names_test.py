"""Names: resolved by the servers that the inventory gives, forward and reverse, and never guessed."""

import socket
import time

import network
import peers
import servers
from program import LabTest, targets

RESOLVER = 'resolvers = ["127.0.0.1:5353"]'
SCOPE = '[scope]\ninclude = ["127.0.0.0/24", "::1"]'


def named_targets(*names, select, more=""):
    return targets(*names, head=f'select = "{select}"\n{RESOLVER}\n{SCOPE}\n{more}')


class NamesTest(LabTest):
    def test_a_name_is_asked_at_the_address_it_has(self):
        with servers.named(), servers.telnetd("127.0.0.11"):
            done = self.run_inventory(named_targets("telnet.lab.test", "127.0.0.11", select="exposure.telnet-open"))
        self.assertIn(("exposure.telnet-open", "telnet.lab.test"), done.failures(), done)
        self.assertEqual(done.target("telnet.lab.test")["addresses"], ["127.0.0.11"])

    def test_a_name_of_several_addresses_is_judged_by_all_of_them(self):
        with servers.named(), peers.saying("127.0.0.13", 23, b"login: "):
            done = self.run_inventory(named_targets("both.lab.test", "127.0.0.12", "127.0.0.13", select="exposure.telnet-open"))
        self.assertEqual(sorted(done.target("both.lab.test")["addresses"]), ["127.0.0.12", "127.0.0.13"])
        self.assertIn(("exposure.telnet-open", "both.lab.test"), done.failures(), done)

    def test_an_exclude_that_takes_an_address_of_a_name_counts_it(self):
        with servers.named(), peers.saying("127.0.0.13", 23, b"login: "):
            inventory = named_targets("both.lab.test", "127.0.0.12", select="exposure.telnet-open")
            head, _, rest = inventory.partition("[scope]\n")
            done = self.run_inventory(f'{head}[scope]\nexclude = ["127.0.0.13"]\n{rest}')
        self.assertEqual([(one["source"], one["count"], one["names"]) for one in done.report["excluded"]],
                         [("127.0.0.13", 1, ["both.lab.test"])], done)

    def test_an_alias_leads_to_the_address_of_what_it_names(self):
        with servers.named(), servers.sshd("127.0.0.12"):
            done = self.run_inventory(named_targets("alias.lab.test", "127.0.0.12", select="ssh.version"))
        self.assertEqual(done.status("ssh.version", "alias.lab.test")[0], "pass", done)

    def test_a_limit_to_the_name_leaves_its_address_written(self):
        with servers.named(), servers.sshd("127.0.0.12"):
            done = self.run_inventory(named_targets("alias.lab.test", "127.0.0.12", select="ssh.version"), "--limit", "alias.lab.test")
        self.assertEqual(done.status("ssh.version", "alias.lab.test")[0], "pass", done)
        self.assertEqual([target["id"] for target in done.report["targets"]], ["alias.lab.test"], done)

    def test_a_name_that_does_not_resolve_is_a_finding_and_its_other_checks_are_not_reviewed(self):
        with servers.named():
            done = self.run_inventory(named_targets("nowhere.lab.test", "empty.lab.test", "ssh.lab.test", "127.0.0.12",
                                                    select="dns.name-unresolved or exposure.telnet-open"))
        for name in ("nowhere.lab.test", "empty.lab.test"):
            self.assertIn(("dns.name-unresolved", name), done.failures(), done)
            self.assertEqual(done.status("exposure.telnet-open", name), ("not_reviewed", "unresolved"), done)
        self.assertNotIn(("dns.name-unresolved", "ssh.lab.test"), done.failures(), done)
        self.assertEqual(done.code, 3, done)

    def test_a_resolver_that_does_not_answer_is_no_verdict_about_the_name(self):
        with peers.udp("127.0.0.1", 5353, lambda data: []):
            done = self.run_inventory(named_targets("ssh.lab.test", select="dns.name-unresolved or exposure.telnet-open",
                                                    more='[limits]\ntimeout = "300ms"\nattempts = 2'))
        self.assertEqual(done.failures(), [], done)
        self.assertEqual(done.summary["pass"], 0, done)
        self.assertEqual(done.code, 2, done)

    def test_a_resolver_that_refuses_or_fails_is_no_verdict_about_the_name(self):
        for rcode in (2, 5):
            def answer(data, rcode=rcode):
                return [data[:2] + bytes([0x81, 0x80 | rcode]) + data[4:]]
            with self.subTest(rcode), peers.udp("127.0.0.1", 5353, answer):
                done = self.run_inventory(named_targets("ssh.lab.test", select="dns.name-unresolved",
                                                        more='[limits]\ntimeout = "300ms"\nattempts = 2'))
                self.assertEqual((done.failures(), done.summary["pass"]), ([], 0), done)

    def test_nobody_listening_where_the_resolver_should_be_is_no_verdict(self):
        done = self.run_inventory(named_targets("ssh.lab.test", select="dns.name-unresolved",
                                                more='[limits]\ntimeout = "300ms"\nattempts = 2'))
        self.assertEqual((done.failures(), done.summary["pass"]), ([], 0), done)

    def test_a_forged_answer_with_another_id_is_not_believed(self):
        def forge(data):
            question = data[12:]
            record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton("127.0.0.11")
            wrong = bytes([data[0] ^ 0xff, data[1]]) + b"\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00"
            end = question.index(b"\x00") + 5
            return [wrong + question[:end] + record]
        with peers.udp("127.0.0.1", 5353, forge), peers.saying("127.0.0.11", 23, b"login: ") as peer:
            done = self.run_inventory(named_targets("forged.lab.test", select="exposure.telnet-open",
                                                    more='[limits]\ntimeout = "300ms"\nattempts = 2'))
            self.assertEqual(peer.accepted, 0, done)
        self.assertEqual(done.summary["fail"] + done.summary["pass"], 0, done)

    def test_a_name_of_which_only_half_could_be_asked_passes_nothing(self):
        def half(data):
            end = 12 + data[12:].index(b"\x00") + 5
            if data[end - 4:end - 2] == b"\x00\x1c":  # AAAA: SERVFAIL
                return [data[:2] + b"\x81\x82\x00\x01\x00\x00\x00\x00\x00\x00" + data[12:end]]
            record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton("127.0.0.14")
            return [data[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + data[12:end] + record]
        with peers.udp("127.0.0.1", 5353, half):
            done = self.run_inventory(named_targets("half.lab.test", "127.0.0.14", select="exposure.telnet-open"))
        self.assertEqual(done.status("exposure.telnet-open", "half.lab.test"), ("not_reviewed", "unresolved"), done)
        self.assertEqual(done.status("exposure.telnet-open", "127.0.0.14")[0], "pass", done)

    def test_a_missing_reverse_record_is_a_finding(self):
        with servers.named():
            done = self.run_inventory(named_targets("127.0.0.12", "127.0.0.14", select="dns.reverse-missing"))
        self.assertEqual(done.failures(), [("dns.reverse-missing", "127.0.0.14")], done)
        self.assertEqual(done.status("dns.reverse-missing", "127.0.0.12")[0], "pass", done)

    def test_a_reverse_record_that_nobody_answers_for_is_no_verdict(self):
        with peers.udp("127.0.0.1", 5353, lambda data: []):
            done = self.run_inventory(named_targets("127.0.0.12", select="dns.reverse-missing",
                                                    more='[limits]\ntimeout = "300ms"\nattempts = 2'))
        self.assertEqual((done.failures(), done.summary["pass"], done.code), ([], 0, 2), done)

    def test_a_name_that_resolves_passes_with_its_record(self):
        with servers.named():
            done = self.run_inventory(named_targets("ssh.lab.test", "127.0.0.12", select="dns.name-unresolved"))
        check = done.check("dns.name-unresolved", "ssh.lab.test")
        self.assertEqual(check["status"], "pass", check)
        self.assertIn("127.0.0.12", check["message"])

    def test_an_ipv6_name_is_asked_over_ipv6(self):
        with servers.named(), peers.saying("::1", 23, b"login: "):
            done = self.run_inventory(named_targets("six.lab.test", "::1", select="exposure.telnet-open"))
        self.assertEqual(done.failures(), [("exposure.telnet-open", "::1"), ("exposure.telnet-open", "six.lab.test")], done)
        self.assertEqual(done.target("six.lab.test")["addresses"], ["::1"])

    def test_an_alias_that_runs_in_a_circle_ends(self):
        began = time.monotonic()
        with servers.named():
            done = self.run_inventory(named_targets("loop.lab.test", select="exposure.telnet-open"))
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(done.summary["pass"] + done.summary["fail"], 0, done)

    def test_the_resolvers_are_in_the_report_and_in_the_plan(self):
        with servers.named():
            text = named_targets("ssh.lab.test", "127.0.0.12", select="dns.name-unresolved")
            done = self.run_inventory(text)
            self.assertIn("127.0.0.1:5353", done.report["run"]["vantage"]["resolvers"], done)
        self.assertIn("127.0.0.1:5353", self.audit("plan", self.write("inventory.toml", text)).out)


class ResolverScopeTest(LabTest):
    def test_only_the_resolvers_that_were_written_are_asked(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall, servers.named():
            system = firewall.count("127.0.0.53")
            self.run_inventory(named_targets("ssh.lab.test", select="dns.*"))
            self.assertEqual(firewall.counted(system), 0)


class ReverseRecordTest(LabTest):
    """A /28 of which every address has a reverse record, and two live."""

    LIVING = {"127.0.9.3": "host3.lab.test.", "127.0.9.5": "lab-host5.lab.test."}
    ZONE = ("@ SOA ns.lab.test. hostmaster.lab.test. 1 3600 600 86400 60\n@ NS ns.lab.test.\n" +
            "".join(f"{n}.9.0 PTR {'lab-' if n == 5 else ''}host{n}.lab.test.\n" for n in range(16)))

    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        self.firewall = self.enterContext(network.firewall())
        for n in range(16):
            if f"127.0.9.{n}" not in self.LIVING:
                self.firewall.drop(f"127.0.9.{n}")
        self.enterContext(servers.named(zones={"127.in-addr.arpa": self.ZONE}))
        self.asked = self.firewall.count("127.0.0.1", 5353, "udp")

    def judged(self, select, more=""):
        fast = '[limits]\ntimeout = "300ms"\nattempts = 1\n'
        done = self.run_inventory(targets("127.0.9.0/28", head=f'select = "{select}"\n{RESOLVER}\n{fast}{more}'))
        self.assertEqual({target["id"] for target in done.report["targets"]}, set(self.LIVING), done)
        self.assertEqual((done.summary["dark"], done.summary["excluded"]), (14 - len(self.LIVING), 0), done)
        return done

    def test_a_reverse_record_is_no_sign_of_life_and_is_asked_of_those_that_live_alone(self):
        with servers.telnetd("127.0.9.3"):
            done = self.judged("dns.reverse-missing or exposure.telnet-open")
        self.assertEqual(done.failures(), [("exposure.telnet-open", "127.0.9.3")], done)
        for address, name in self.LIVING.items():
            check = done.check("dns.reverse-missing", address)
            self.assertEqual((check["status"], check["message"]), ("pass", f"{address} is {name}"), done)
        self.assertEqual(self.firewall.counted(self.asked), len(self.LIVING), done)

    def test_where_no_port_is_asked_either_a_reverse_record_makes_no_target(self):
        done = self.judged("dns.reverse-missing")
        self.assertEqual((done.summary["planned"], done.summary["pass"]), (len(self.LIVING), len(self.LIVING)), done)
        self.assertEqual(self.firewall.counted(self.asked), len(self.LIVING), done)

    def test_an_exclude_of_names_does_not_hold_for_what_a_reverse_record_claims(self):
        done = self.judged("dns.reverse-missing", '[scope]\nexclude = ["lab-*"]\n')
        self.assertEqual(done.status("dns.reverse-missing", "127.0.9.5")[0], "pass", done)
