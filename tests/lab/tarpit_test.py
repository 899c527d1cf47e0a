"""A host that accepts on every port is told from one that has many services."""

import hosts
import network
from program import LabTest, targets


class TarpitTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        self.host = self.enterContext(hosts.host())

    def test_a_tarpit_is_detected_and_said(self):
        self.host.listen(7000)
        self.host.run("nft", "-f", "-", script="add table ip pit\nadd chain ip pit in { type nat hook prerouting priority -100; }\n"
                      "add rule ip pit in meta l4proto tcp redirect to :7000\n")
        done = self.run_inventory(targets(self.host.v4))
        self.assertIn("tarpit", done.out + done.err, done)
        self.assertIn("tarpit", str(done.report), done)

    def test_a_host_with_some_services_is_none(self):
        self.host.listen(22, 80)
        done = self.run_inventory(targets(self.host.v4))
        self.assertNotIn("tarpit", done.err + done.out, done)
