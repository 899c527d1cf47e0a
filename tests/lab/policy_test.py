"""Ports that a group must have, may have and may not have: judged where `sweep` looks, whatever --select says."""

import network
import peers
import servers
from program import LabTest

GROUP = """schema = 1
[audit]
select = "exposure.telnet-open"
[groups.servers]
expect.tcp = { sweep = "20-30,7000-7010", require = [22], allow = [{ port = 7001, why = "CHG-112" }] }
[[targets]]
address = "127.0.0.12"
groups = ["servers"]
"""


class PolicyTest(LabTest):
    def test_a_port_beyond_what_is_allowed_is_named(self):
        with servers.sshd("127.0.0.12"), peers.silent("127.0.0.12", 7001), peers.silent("127.0.0.12", 7002):
            done = self.run_inventory(GROUP)
        self.assertEqual(done.failures(), [("policy.port-unexpected", "127.0.0.12")], done)
        check = done.check("policy.port-unexpected", "127.0.0.12")
        self.assertIn("7002", str(check))
        self.assertIn("7000-7010", str(check), "the verdict has to say where it looked")
        self.assertEqual(done.status("policy.port-missing", "127.0.0.12")[0], "pass", done)

    def test_a_port_that_is_required_and_closed_is_named(self):
        with peers.silent("127.0.0.12", 7001):
            done = self.run_inventory(GROUP)
        self.assertEqual(done.failures(), [("policy.port-missing", "127.0.0.12")], done)
        self.assertIn("22", done.check("policy.port-missing", "127.0.0.12")["message"])

    def test_as_it_should_be_passes(self):
        with servers.sshd("127.0.0.12"):
            done = self.run_inventory(GROUP)
        self.assertEqual(done.code, 0, done)
        self.assertEqual({check["rule"] for check in done.report["checks"]},
                         {"exposure.telnet-open", "policy.port-missing", "policy.port-unexpected"})

    def test_a_host_that_gives_no_sign_of_life_is_not_reviewed(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop("127.0.0.12")
            done = self.run_inventory(GROUP.replace("[groups", '[limits]\ntimeout = "200ms"\nattempts = 1\n[groups', 1))
        for policy in ("policy.port-missing", "policy.port-unexpected"):
            self.assertEqual(done.status(policy, "127.0.0.12")[0], "not_reviewed", done)

    def test_a_filtered_part_of_a_living_host_is_looked_at_and_says_so(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall, peers.silent("127.0.0.12", 7001):
            firewall.drop("127.0.0.12", 22)
            done = self.run_inventory(GROUP.replace("[groups", '[limits]\ntimeout = "200ms"\nattempts = 1\n[groups', 1))
        self.assertEqual(done.status("policy.port-missing", "127.0.0.12"), ("fail", "filtered"), done)

    def test_no_selection_drops_the_policy(self):
        with peers.silent("127.0.0.12", 7002):
            done = self.run_inventory(GROUP, "--select", "ssh.version")
        self.assertIn(("policy.port-unexpected", "127.0.0.12"), done.failures(), done)
