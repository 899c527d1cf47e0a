"""`audit inventory`: the targets, where each value comes from, and the groups. It sends nothing."""

import json
import shutil
import subprocess

import peers
from program import LabTest

MAIN = """schema = 1
include = ["groups.toml", "sites/*.toml"]
[limits]
timeout = "3s"
[scope]
exclude = ["127.0.8.3"]
"""
GROUPS = """[groups.network]
tags = ["network-device"]
limits.gap = "1s"
[groups.switches]
parents = ["network"]
owner = "netops"
limits.gap = "2s"
[groups.core]
parents = ["switches"]
priority = 5
"""
SITE = """[[targets]]
address = "127.0.8.0/28"
groups = ["core"]
[[targets]]
address = "127.0.8.5"
groups = ["switches"]
limits.gap = "5s"
"""


class InventoryTest(LabTest):
    def setUp(self):
        super().setUp()
        (self.directory / "sites").mkdir()
        self.write("groups.toml", GROUPS)
        self.write("sites/campus.toml", SITE)
        self.path = self.write("inv.toml", MAIN)

    def test_it_lists_the_targets_of_all_files_with_their_groups(self):
        with peers.silent("127.0.8.5", 22) as peer:
            done = self.audit("inventory", self.path)
        self.assertEqual(done.code, 0, done)
        self.assertIn("is listed by itself", done.err, "notices go to standard error")
        self.assertRegex(done.out, r"127\.0\.8\.0/28 +14 candidates +core, switches, network +network-device +netops +\S*sites/campus\.toml:1:1")
        self.assertIn("Excluded: 127.0.8.3", done.out)
        self.assertIn("2 entries, 14 candidates in blocks; 3 groups; 3 files", done.out)
        self.assertEqual(peer.accepted, 0)

    def test_each_value_is_traced_to_its_file_and_line(self):
        done = self.audit("inventory", self.path, "--explain", "127.0.8.5")
        self.assertEqual(done.code, 0, done)
        lines = done.out.splitlines()
        gap = next(i for i, line in enumerate(lines) if line.startswith("limits.gap"))
        self.assertRegex(lines[gap], r'"5s" +its own entry, \S*sites/campus\.toml:7:8')
        self.assertRegex(lines[gap + 1], r'"2s" +overridden: \[groups\.switches\], \S*groups\.toml:7:8')
        self.assertRegex(lines[gap + 2], r'"1s" +overridden: \[groups\.network\], \S*groups\.toml:3:8')
        self.assertRegex(done.out, r'limits\.timeout +"3s" +the inventory as a whole, \S*inv\.toml:4:1')
        self.assertRegex(done.out, r"limits\.attempts +3 +default")
        self.assertIn("Passed over: 127.0.8.0/28", done.out)

    def test_it_has_a_column_of_zones_where_there_are_any(self):
        plain = '[[targets]]\naddress = "10.1.0.0/24"\n[[targets]]\naddress = "a.lan"\n'
        done = self.audit("inventory", self.write("plain.toml", plain))
        self.assertNotIn("ZONE", done.out)
        zoned = plain + 'zone = "hall"\n[zones.hall]\nnetworks = ["10.1.0.0/25"]\n'
        done = self.audit("inventory", self.write("zoned.toml", zoned))
        self.assertRegex(done.out, r"(?m)^TARGET +ZONE +KIND ")
        self.assertRegex(done.out, r"(?m)^10\.1\.0\.0/24 +hall, - +254 candidates")
        self.assertRegex(done.out, r"(?m)^a\.lan +hall +name")

    def test_what_an_exclude_takes_out_says_so(self):
        done = self.audit("inventory", self.path, "--explain", "127.0.8.3")
        self.assertRegex(done.out, r"Excluded by 127\.0\.8\.3 \(\S*inv\.toml:6:12\)")

    def test_a_target_that_is_not_there_is_a_usage_error(self):
        done = self.audit("inventory", self.path, "--explain", "127.0.9.1")
        self.assertEqual((done.code, done.out), (64, ""), done)
        self.assertIn("127.0.9.1 is no target of this inventory", done.err)

    def test_the_same_as_json(self):
        whole = json.loads(self.audit("inventory", self.path, "--format", "json").out)
        self.assertEqual([entry["target"] for entry in whole["entries"]], ["127.0.8.0/28", "127.0.8.5"])
        self.assertEqual([group["name"] for group in whole["groups"]], ["network", "switches", "core"])
        self.assertEqual(len(whole["inventory"]["files"]), 3)
        one = json.loads(self.audit("inventory", self.path, "--format", "json", "--explain", "127.0.8.5").out)
        gap = next(setting for setting in one["settings"] if setting["key"] == "limits.gap")
        self.assertEqual([origin["value"] for origin in gap["origins"]], ['"5s"', '"2s"', '"1s"'])

    def test_the_groups_are_drawn(self):
        done = self.audit("inventory", self.path, "--graph")
        self.assertRegex(done.out, r"^network  2 entries .*\n└─ switches  2 entries .*\n   └─ core  1 entry, priority 5 ")
        dot = self.audit("inventory", self.path, "--graph", "--format", "dot").out
        self.assertIn('"network" -> "switches";', dot)
        if shutil.which("dot") is None:
            self.skipTest("Graphviz's dot is not installed")
        subprocess.run(["dot", "-Tsvg"], input=dot, text=True, capture_output=True, check=True, timeout=30)

    def test_a_run_reports_its_files(self):
        done = self.audit(self.path, "--select", "exposure.telnet-open", report=True)
        self.assertEqual(len(done.report["inventory"]["files"]), 3, done)

    def test_a_format_that_does_not_fit_is_a_usage_error(self):
        for words in (["--format", "dot"], ["--graph", "--format", "json"], ["--graph", "--explain", "127.0.8.5"], []):
            with self.subTest(words):
                done = self.audit("inventory", *([self.path] if words else []), *words)
                self.assertEqual((done.code, done.out), (64, ""), done)
