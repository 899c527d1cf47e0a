"""A company's inventory: five included files, three sources, nested groups, zones, expectations, a credential, waivers in every
state and attestations, run against real servers; and what each part of it comes to in the report."""

import json

import peers
import servers
from program import LabTest
from waivers_test import attestation, day, waiver

MAIN = """schema = 1
include = ["groups.toml", "policy.toml", "decisions.toml", "sites/*.toml"]
[audit]
name = "The company"
select = "exposure.telnet-open or ssh.version or access.management"
timezone = "Europe/Berlin"
[limits]
timeout = "1s"
attempts = 2
[scope]
exclude = ["127.0.8.99", "group:lab"]
"""
GROUPS = """[groups.network]
tags = ["network-device"]
owner = "netops"
limits.per_target = 4
[groups.switches]
parents = ["network"]
criticality = "high"
[groups.core]
parents = ["switches"]
criticality = "critical"
[groups.servers]
owner = "server team"
[groups.lab]
[zones.berlin]
networks = ["127.0.8.0/25"]
"""
POLICY = """[params."ssh.version"]
[groups.hardened]
parents = ["servers"]
expect.tcp = { sweep = "20-25", require = [22], allow = [{ port = 22, why = "CHG-7" }] }
"""
BERLIN = """[[targets]]
address = "127.0.8.11"
groups = ["core"]
[[targets]]
address = "127.0.8.12"
groups = ["hardened"]
[[sources]]
format = "text"
file = "../lists/more.txt"
groups = ["switches"]
"""
ELSEWHERE = """[[targets]]
address = "127.0.8.130"
groups = ["servers"]
[[sources]]
format = "csv"
file = "../lists/hosts.csv"
[[sources]]
format = "ansible"
file = "../lists/ansible.json"
"""
DECISIONS = "".join((
    waiver("W-active", named='"group:core"'),
    waiver("W-future", named='"127.0.8.13"', starts=10),
    waiver("W-expired", named='"berlin/127.0.8.13"', starts=-90, expires=-3),
    waiver("W-expiring", named='"127.0.8.15"', expires=5),
    waiver("W-unused", named='"127.0.8.12"'),
    waiver("W-away", "*", named='"127.0.8.130"', more='covers = ["unreachable"]'),
    attestation("NIST-800-53/AC-17", -20, "365d"),
    attestation("NIST-800-53/SC-12", -400, "365d")))
ANSIBLE = {"_meta": {"hostvars": {"sw15": {"ansible_host": "127.0.8.15"}, "test1": {"ansible_host": "127.0.8.16"}}},
           "all": {"children": ["switches", "lab"]}, "switches": {"hosts": ["sw15"]}, "lab": {"hosts": ["test1"]}}


class CompanyTest(LabTest):
    def setUp(self):
        super().setUp()
        for name, text in (("groups.toml", GROUPS), ("policy.toml", POLICY), ("decisions.toml", DECISIONS),
                           ("sites/berlin.toml", BERLIN), ("sites/elsewhere.toml", ELSEWHERE),
                           ("lists/more.txt", "127.0.8.13   # access switch\n127.0.8.99\n"),
                           ("lists/hosts.csv", "address,groups,owner,criticality\n127.0.8.14,servers,\"web, team\",low\n"),
                           ("lists/ansible.json", json.dumps(ANSIBLE))):
            self.write(name, text)
        self.path = self.write("company.toml", MAIN)

    def test_every_part_of_it_is_in_the_run_and_in_its_report(self):
        for address in ("127.0.8.11", "127.0.8.13", "127.0.8.15"):
            self.enterContext(peers.saying(address, 23, b"login: "))
        with servers.sshd("127.0.8.12"), peers.saying("127.0.8.16", 23, b"login: ") as excluded:
            done = self.audit(self.path, report=True)
            self.assertEqual(excluded.accepted, 0, "a host of an excluded group was touched")
        self.assertEqual(done.code, 1, done)  # 127.0.8.13: its waiver is over
        report = done.report
        self.assertEqual(len(report["inventory"]["files"]), 6)
        self.assertEqual([source["kind"] for source in report["inventory"]["sources"]], ["text", "csv", "ansible"])
        found = {target["id"]: target for target in report["targets"]}
        self.assertEqual(set(found), {f"berlin/127.0.8.{last}" for last in (11, 12, 13, 14, 15)} | {"127.0.8.130"})
        core = found["berlin/127.0.8.11"]
        self.assertEqual((core["groups"], core["owner"], core["criticality"], core["tags"]),
                         (["core", "switches", "network"], "netops", "critical", ["network-device"]))
        self.assertEqual((found["berlin/127.0.8.14"]["owner"], found["berlin/127.0.8.14"]["criticality"]), ("web, team", "low"))
        telnet = {check["target"]: (check["status"], check.get("waiver")) for check in report["checks"]
                  if check["rule"] == "exposure.telnet-open"}
        self.assertEqual({target: telnet[f"berlin/127.0.8.{target}"] for target in (11, 12, 13, 15)},
                         {11: ("fail", "W-active"), 12: ("pass", None), 13: ("fail", None), 15: ("fail", "W-expiring")})
        states = {one["id"]: (one["state"], one["unused"]) for one in report["waivers"]}
        self.assertEqual({name: state for name, (state, _) in states.items()},
                         {"W-active": "active", "W-future": "future", "W-expired": "expired", "W-expiring": "expiring",
                          "W-unused": "active", "W-away": "active"})
        self.assertEqual([name for name, (_, unused) in states.items() if unused and name != "W-away"], ["W-unused"])
        self.assertEqual([one["state"] for one in report["attestations"]], ["current", "expired"])
        self.assertEqual(done.status("policy.port-missing", "berlin/127.0.8.12")[0], "pass")
        self.assertIn("CHG-7", str(done.check("policy.port-unexpected", "berlin/127.0.8.12")))
        self.assertEqual({entry["source"] for entry in report["excluded"] if entry["count"]}, {"127.0.8.99", "group:lab"})
        nist = next(one for one in report["frameworks"] if one["id"] == "NIST-800-53")
        controls = {control["id"]: control["state"] for control in nist["controls"]}
        self.assertEqual(controls["SC-8"], "not_satisfied")
        for words in ("W-expired", "attested", "berlin/127.0.8.11", "ansible.json"):
            self.assertIn(words, done.out)

    def test_a_value_is_explained_through_includes_groups_and_sources(self):
        text = self.audit("inventory", self.path, "--explain", "127.0.8.15").out
        self.assertRegex(text, r'criticality +"high" +\[groups\.switches\], \S*groups\.toml:7:1')
        self.assertRegex(text, r"(?m)^127\.0\.8\.15: listed \(\S*lists/ansible\.json")
        core = self.audit("inventory", self.path, "--explain", "berlin/127.0.8.11").out
        self.assertRegex(core, r'criticality +"critical" +\[groups\.core\].*\n +"high" +overridden: \[groups\.switches\]')

    def test_mistakes_of_several_files_are_told_at_once_and_nothing_is_sent(self):
        self.write("sites/berlin.toml", BERLIN.replace('"core"', '"cor"'))
        self.write("decisions.toml", DECISIONS.replace(day(-3), day(-200)))
        self.write("lists/hosts.csv", "address\n127.0.8.300\n")
        with peers.silent("127.0.8.12", 22) as peer:
            done = self.audit(self.path, report=True)
            self.assertEqual(peer.accepted, 0)
        self.assertMistake(done, "berlin.toml:3:", '"core"', "decisions.toml:", "hosts.csv:2:1")
