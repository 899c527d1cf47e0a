"""`audit baseline`: what it writes loads, passes on the network that it was written from, and fails on one that has changed."""

import contextlib
import tomllib

import certificates
import network
import peers
import servers
import tls_servers
from program import LabTest

ADDRESS = "127.0.0.12"
INVENTORY = f"""schema = 1
[audit]
resolvers = ["127.0.0.1:5353"]
[limits]
timeout = "500ms"
attempts = 2
[groups.servers]
tags = ["linux"]
[[targets]]
address = "{ADDRESS}"
groups = ["servers"]
"""


class BaselineTest(LabTest):
    def baseline(self, *words, text=INVENTORY):
        return self.audit("baseline", self.write("inventory.toml", text), *words)

    @contextlib.contextmanager
    def world(self, pair, ssh=2222):
        with servers.named(), servers.sshd(ADDRESS, ssh), tls_servers.nginx(ADDRESS, {"web.lab.test": pair}, 8443):
            yield

    def test_it_is_as_gentle_as_the_inventory_and_knows_its_zones(self):
        text = """schema = 1
[audit]
select = "exposure.telnet-open"
[limits]
rate = 300
timeout = "500ms"
[zones.hall]
networks = ["127.0.0.0/24"]
[groups.plc]
safety = "connect"
limits = { per_target = 1, gap = "10ms" }
[[targets]]
address = "127.0.0.12"
groups = ["plc"]
[[waivers]]
id = "W-1"
rule = "exposure.telnet-open"
targets = "hall/*"
reason = "r"
approver = "a"
starts = 2026-01-01
expires = 2026-02-01
"""
        with peers.silent(ADDRESS, 25):
            done = self.baseline("--sweep", "22-25", text=text)
            self.assertEqual(done.code, 0, done)
            after = self.run_inventory(done.out)
        self.assertEqual({target["id"] for target in after.report["targets"]}, {"hall/127.0.0.12"}, done.out)
        path = self.write("after.toml", done.out)
        shown = self.audit("inventory", path, "--explain", "hall/127.0.0.12").out
        for line in (r'safety +"connect"', r"limits\.rate +300", r"limits\.per_target +1", r'limits\.gap +"10ms"', r'limits\.timeout +"500ms"'):
            self.assertRegex(shown, line)

    def test_what_it_writes_passes_until_something_changes(self):
        authority = certificates.Authority(self.directory)
        pair, renewed = authority.issue("web.lab.test"), authority.issue("new.lab.test")
        with servers.named(), servers.snmpd(ADDRESS), tls_servers.nginx(ADDRESS, {"web.lab.test": pair}, 8443):
            with servers.sshd(ADDRESS, 2222):
                done = self.baseline("--sweep", "2220-2230,8443", "--udp", "123,161")
                self.assertEqual(done.code, 0, done)
                self.assertEqual(tomllib.loads(done.out)["targets"][0]["groups"], ["servers"])
                passes = self.run_inventory(done.out)
                self.assertEqual(passes.code, 0, f"{passes}\n{done.out}")
                policies = {check["rule"]: check["status"] for check in passes.report["checks"] if check["rule"].startswith("policy.")}
                self.assertEqual({rule for rule, status in policies.items() if status != "pass"}, set(), policies)
                for rule in ("certificate", "name", "service", "ssh-host-key", "udp-missing", "port-missing"):
                    self.assertIn(f"policy.{rule}", policies)
                with peers.silent(ADDRESS, 2225):
                    self.assertEqual(self.run_inventory(done.out).failures(), [("policy.port-unexpected", ADDRESS)])
            closed = {rule for rule, _ in self.run_inventory(done.out).failures()}
            self.assertEqual(closed, {"policy.port-missing", "policy.service", "policy.ssh-host-key"})
            with servers.sshd(ADDRESS, 2222):  # keys of its own
                self.assertEqual(self.run_inventory(done.out).failures(), [("policy.ssh-host-key", ADDRESS)])
        with self.world(renewed):
            changed = {rule for rule, _ in self.run_inventory(done.out).failures()}
            self.assertEqual(changed, {"policy.certificate", "policy.ssh-host-key", "policy.udp-missing"})

    def test_two_of_them_are_equal_but_for_the_time(self):
        with servers.named(), servers.sshd(ADDRESS, 2222):
            first, second = (self.baseline("--sweep", "2222,2223").out.splitlines()[1:] for _ in range(2))
        self.assertEqual(first, second)

    def test_a_host_that_is_silent_is_a_comment(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop(ADDRESS)
            done = self.baseline("--sweep", "2222")
        self.assertEqual(done.code, 2, done)
        self.assertNotIn("targets", tomllib.loads(done.out))
        self.assertIn(f"# {ADDRESS} was not seen", done.out)

    def test_a_filtered_port_is_a_comment(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall, servers.named(), peers.silent(ADDRESS, 2224):
            firewall.drop(ADDRESS, 2223)
            done = self.baseline("--sweep", "2222-2224")
        self.assertIn("# tcp/2223 filtered", done.out)
        self.assertEqual(tomllib.loads(done.out)["targets"][0]["expect"]["tcp"]["require"], "2224")

    def test_a_service_that_says_nothing_was_not_seen_and_is_not_waited_for_in_every_way_one_after_the_other(self):
        with servers.named(), peers.silent(ADDRESS, 2225):
            done = self.baseline("--sweep", "2225")
        self.assertEqual(done.code, 2, done)
        self.assertIn(f"# tcp/{ADDRESS}:2225 is open, and says nothing", done.out)
        self.assertIn("what answers was not seen: every question timed out", done.out)
        self.assertEqual(tomllib.loads(done.out)["targets"][0]["expect"]["tcp"]["require"], "2225")

    def test_what_targets_have_alike_is_said_once_and_passes(self):
        others = "".join(f'[[targets]]\naddress = "127.0.0.{last}"\ngroups = ["servers"]\n' for last in (13, 14))
        with servers.named():
            done = self.baseline("--sweep", "2226-2228", text=INVENTORY + others)
            self.assertEqual(done.code, 0, done)
            written = tomllib.loads(done.out)
            self.assertEqual(written["groups"]["alike-1"]["expect"]["tcp"], {"sweep": "2226-2228"})
            for target in written["targets"]:
                self.assertEqual(target["groups"], ["servers", "alike-1"])
                self.assertNotIn("tcp", target["expect"])
            after = self.run_inventory(done.out)
        statuses = [check["status"] for check in after.report["checks"] if check["rule"] == "policy.port-unexpected"]
        self.assertEqual(statuses, ["pass"] * 3, after)

    def test_what_the_name_server_does_not_say_is_a_comment(self):
        done = self.baseline("--sweep", "2222")
        self.assertEqual(done.code, 2, done)
        self.assertIn("# its reverse names were not seen", done.out)
        self.assertNotIn("names", tomllib.loads(done.out)["targets"][0]["expect"])

    def test_a_name_is_expected_to_have_its_addresses(self):
        text = INVENTORY.replace(f'address = "{ADDRESS}"', 'address = "ssh.lab.test"') + f'[[targets]]\naddress = "{ADDRESS}"\n'
        with servers.named():
            done = self.baseline("--sweep", "2222", "--targets-only", text=text)
            whole = self.run_inventory(self.baseline("--sweep", "2222", text=text).out)
        self.assertEqual(whole.status("policy.address", "ssh.lab.test")[0], "pass", whole)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(tomllib.loads(done.out)["targets"][0]["expect"]["addresses"], [ADDRESS])
        self.assertNotIn("[groups", done.out)

    def test_what_cannot_be_done_is_said(self):
        self.assertEqual(self.baseline("--sweep", "ssh").code, 64)
        self.assertEqual(self.audit("baseline", self.directory / "none.toml").code, 64)
        self.assertIn("Example", self.audit("baseline", "--help").out)
