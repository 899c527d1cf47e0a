"""The scope: what is excluded, or never to be asked, sees no packet; names and rules cannot widen it."""

import network
import peers
import servers
from processes import wait_until
from program import LabTest, rule, targets

FAST = '[limits]\ntimeout = "300ms"\nattempts = 1'


class ScopeTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        self.firewall = self.enterContext(network.firewall())

    def test_an_excluded_address_sees_no_packet_and_is_listed(self):
        packets = self.firewall.count("127.0.9.5")
        done = self.run_inventory(targets("127.0.9.4/30", "127.0.0.14",
                                          head=f'select = "exposure.*"\n[scope]\nexclude = ["127.0.9.5"]\n{FAST}'))
        self.assertEqual(self.firewall.counted(packets), 0, done)
        self.assertEqual(done.summary["excluded"], 1, done)
        self.assertNotIn("127.0.9.5", {target["id"] for target in done.report["targets"]})
        self.assertIn("127.0.9.6", {target["id"] for target in done.report["targets"]})

    def test_a_listed_target_that_is_excluded_sees_no_packet(self):
        packets = self.firewall.count("127.0.9.5")
        done = self.run_inventory(targets("127.0.9.5", "127.0.0.14", head=f'select = "exposure.*"\n[scope]\nexclude = ["127.0.9.0/24"]'))
        self.assertEqual((self.firewall.counted(packets), done.summary["excluded"]), (0, 1), done)

    def test_what_one_group_never_touches_of_an_address_nobody_does(self):
        group = '[groups.plc]\nnever = ["tcp/502"]\n'
        plc = '[[targets]]\naddress = "127.0.8.0/30"\ngroups = ["plc"]\n'
        listed = '[[targets]]\naddress = "127.0.8.1"\ngroups = ["plc"]\n'
        wide = '[[targets]]\naddress = "127.0.8.0/29"\n'
        head = f'schema = 1\n[audit]\nresolvers = ["127.0.0.1:5353"]\n{FAST}\n{group}'
        rules = {"lab/rule.lua": rule("    return info('x', target:port(502))", declares="ports = { 502 }")}
        named = '[[targets]]\naddress = "both.lab.test"\n'
        with servers.named(), peers.silent("127.0.8.1", 502) as peer, peers.silent("127.0.0.12", 502) as other:
            for text, words in ((wide + plc, ()), (wide + listed, ()), (plc + wide, ("--limit", "127.0.8.1"))):
                with self.subTest(text):
                    self.run_inventory(head + text, *words, rules=rules)
                    self.assertEqual(peer.accepted, 0)
            text = head + named + '[[targets]]\naddress = "127.0.0.12"\ngroups = ["plc"]\n'
            done = self.run_inventory(text, rules=rules)
            self.assertEqual(other.accepted, 0, done)
            self.assertEqual(done.status("lab.rule", "both.lab.test"), ("not_reviewed", "out_of_scope"), done)
            self.assertIn("as another entry says of its address", str(done.report["notices"]))
            shell = self.audit("shell", "both.lab.test", "--inventory", self.directory / "inventory.toml", "-e", "target:port(502).state")
            self.assertEqual(other.accepted, 0, shell)

    def test_a_never_port_is_not_even_connected_to(self):
        telnet, all_of_it = self.firewall.count("127.0.0.20", "23"), self.firewall.count("127.0.0.20")
        with peers.saying("127.0.0.20", 23, b"login: ") as peer:
            done = self.run_inventory(targets("127.0.0.20", head='select = "exposure.*"\n[scope]\nnever = ["tcp/23"]'))
            self.assertEqual((self.firewall.counted(telnet), peer.accepted), (0, 0), done)
        self.assertGreater(self.firewall.counted(all_of_it), 0, done)
        self.assertNotIn(done.status("exposure.telnet-open", "127.0.0.20")[0], ("pass", "fail"), done)

    def test_printers_are_spared_unless_the_inventory_says_otherwise(self):
        lua = rule('    return info("open", target:port(9100))', "lab.printer", "ports = { 9100 }")
        with peers.silent("127.0.0.20", 9100) as peer:
            self.run_inventory(targets("127.0.0.20"), rules={"lab/printer.lua": lua})
            self.assertEqual(peer.accepted, 0)
            done = self.run_inventory(targets("127.0.0.20", head="[scope]\nnever = []"), rules={"lab/printer.lua": lua})
            wait_until("the connection", lambda: peer.accepted > 0)
            self.assertEqual(done.port_state("127.0.0.20", 9100), "open", done)

    def test_a_rule_cannot_ask_a_never_port_or_catch_being_told_so(self):
        lua = rule('    pcall(target.banner, target, 7001)\n    try(target.banner, target, 7001)\n'
                   '    return pass("got away", target:port(7000))')
        with peers.silent("127.0.0.20", 7000), peers.silent("127.0.0.20", 7001) as kept:
            done = self.run_inventory(targets("127.0.0.20", head='[scope]\nnever = ["tcp/7001"]'), rules={"lab/rule.lua": lua})
            self.assertEqual(kept.accepted, 0)
        check = done.check("lab.rule", "127.0.0.20")
        self.assertEqual(check["reason"], "out_of_scope", check)
        self.assertIn(check["status"], ("error", "not_reviewed"))

    def test_the_groups_never_ports_hold_for_their_members_only(self):
        text = ('schema = 1\n[audit]\nselect = "exposure.telnet-open"\n[groups.plc]\nnever = ["tcp/23"]\n'
                '[[targets]]\naddress = "127.0.0.20"\ngroups = ["plc"]\n[[targets]]\naddress = "127.0.0.21"\n')
        spared, asked = self.firewall.count("127.0.0.20", "23"), self.firewall.count("127.0.0.21", "23")
        done = self.run_inventory(text)
        self.assertEqual(self.firewall.counted(spared), 0, done)
        self.assertGreater(self.firewall.counted(asked), 0, done)

    def test_a_mapped_address_is_the_address_that_it_maps(self):
        packets = self.firewall.count("127.0.9.5")
        done = self.run_inventory(targets("::ffff:127.0.9.5", "127.0.0.14", head='select = "exposure.*"\n[scope]\nexclude = ["127.0.9.5"]'))
        self.assertEqual((self.firewall.counted(packets), done.summary["excluded"]), (0, 1), done)

    def test_a_name_that_resolves_to_an_excluded_address_leads_nowhere(self):
        packets = self.firewall.count("127.0.0.12")
        with servers.named(), peers.saying("127.0.0.12", 22, b"SSH-2.0-Lab\r\n"):
            text = targets("ssh.lab.test", "127.0.0.14", "127.0.0.12",
                           head='select = "ssh.* or exposure.*"\nresolvers = ["127.0.0.1:5353"]\n'
                                '[scope]\nexclude = ["127.0.0.12"]')
            done = self.run_inventory(text)
            self.assertEqual(self.firewall.counted(packets), 0, done)
        self.assertEqual(done.failures(), [])

    def test_a_name_that_resolves_to_loopback_which_nobody_wrote_leads_nowhere(self):
        packets = self.firewall.count("127.0.0.12")
        with servers.named(), peers.saying("127.0.0.12", 22, b"SSH-2.0-Lab\r\n"):
            done = self.run_inventory(targets("ssh.lab.test", "v4mapped.lab.test", "127.0.0.14",
                                              head='select = "ssh.*"\nresolvers = ["127.0.0.1:5353"]'))
            self.assertEqual(self.firewall.counted(packets), 0, done)
        for name in ("ssh.lab.test", "v4mapped.lab.test"):
            self.assertNotEqual(done.status("ssh.version", name)[0], "pass", done)

    def test_include_bounds_what_names_may_resolve_to(self):
        packets = self.firewall.count("127.0.0.12")
        with servers.named(), peers.saying("127.0.0.12", 22, b"SSH-2.0-Lab\r\n"):
            done = self.run_inventory(targets("ssh.lab.test", "127.0.0.14", head='select = "ssh.*"\n'
                                              'resolvers = ["127.0.0.1:5353"]\n[scope]\ninclude = ["127.0.0.13", "127.0.0.14"]'))
            self.assertEqual(self.firewall.counted(packets), 0, done)
        self.assertNotEqual(done.status("ssh.version", "ssh.lab.test")[0], "pass", done)


    def test_a_pass_is_none_where_include_refuses_another_address_of_the_name(self):
        with servers.named():
            done = self.run_inventory(targets("both.lab.test", "127.0.0.12", head='select = "exposure.telnet-open"\n'
                                              'resolvers = ["127.0.0.1:5353"]\n[scope]\ninclude = ["127.0.0.12"]'))
        self.assertEqual(done.status("exposure.telnet-open", "both.lab.test"), ("not_reviewed", "out_of_scope"), done)
        self.assertEqual(done.status("exposure.telnet-open", "127.0.0.12")[0], "pass", done)
        self.assertEqual(done.code, 2, done)


class CandidateTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)

    def test_silent_candidates_are_counted_dark_and_are_in_no_plan(self):
        # 127.0.9.0/28 has 14 candidates; the upper half is silent.
        with network.firewall() as firewall, peers.saying("127.0.9.3", 23, b"login: "):
            firewall.drop("127.0.9.8/29")
            done = self.run_inventory(targets("127.0.9.0/28", head=f'select = "exposure.telnet-open"\n{FAST}'))
        self.assertEqual(done.summary["dark"], 7, done)
        self.assertEqual(done.summary["targets"], 7, done)
        self.assertEqual(done.summary["planned"], 7, done)
        self.assertEqual(done.summary["coverage"], 1, done)
        self.assertEqual(done.failures(), [("exposure.telnet-open", "127.0.9.3")])
        self.assertEqual({target["kind"] for target in done.report["targets"]}, {"candidate"})

    def test_a_listed_address_that_is_silent_is_a_target_that_was_not_reviewed(self):
        with network.firewall() as firewall:
            firewall.drop("127.0.9.8/29")
            done = self.run_inventory(targets("127.0.9.9", "127.0.9.10", "127.0.9.0/28", head=f'select = "exposure.telnet-open"\n{FAST}'))
        self.assertEqual(done.summary["dark"], 5, done)
        self.assertEqual(done.summary["not_reviewed"], 2, done)
        self.assertEqual(done.code, 2, done)
        for address in ("127.0.9.9", "127.0.9.10"):
            self.assertEqual(done.status("exposure.telnet-open", address)[0], "not_reviewed")

    def test_assume_up_makes_targets_of_silent_candidates(self):
        with network.firewall() as firewall:
            firewall.drop("127.0.9.8/30")
            text = targets(head=f'select = "exposure.telnet-open"\n{FAST}') + '\n[[targets]]\naddress = "127.0.9.8/30"\nassume_up = true\n'
            done = self.run_inventory(text)
        self.assertEqual((done.summary["dark"], done.summary["not_reviewed"]), (0, 2), done)

    def test_network_and_broadcast_addresses_are_no_candidates(self):
        with network.firewall() as firewall:
            ends = [firewall.count("127.0.9.0"), firewall.count("127.0.9.7")]
            done = self.run_inventory(targets("127.0.9.0/29", head='select = "exposure.telnet-open"'))
            self.assertEqual([firewall.counted(end) for end in ends], [0, 0])
        self.assertEqual(done.summary["targets"], 6, done)
