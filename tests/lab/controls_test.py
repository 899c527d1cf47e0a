"""Controls: rules/frameworks/*.toml say which rules speak to which control; listed, selected and reported by it."""

import json

import servers
from program import LabTest, rule, targets

ADDRESS = "127.0.0.64"
FRAMEWORK = """schema = 1
id = "LAB"
title = "Controls of the lab"
[controls."1.1"]
title = "Nothing answers"
rules = [{ rule = "lab.*", supports = "full", why = "the lab asks for no more" }]
"""


class ControlsTest(LabTest):
    def test_a_rule_is_listed_and_shown_with_its_controls(self):
        shown = json.loads(self.audit("rules", "show", "exposure.telnet-open", "--json").out)
        self.assertEqual(sorted(shown["controls"]), ["CIS-Controls", "NIST-800-53", "PCI-DSS"])
        self.assertEqual(shown["controls"]["NIST-800-53"],
                         ["AC-17", "AC-17(2)", "CM-7", "IA-5(1)", "MA-4", "SC-8", "SC-8(1)"])
        self.assertIn("  control      NIST-800-53/CM-7: Least Functionality (partial: ",
                      self.audit("rules", "show", "exposure.telnet-open").out)
        self.assertIn("NIST-800-53 CM-7 IA-5(1) SC-8 SC-8(1)", self.audit("rules", "list", "--select", "exposure.ftp-open").out)

    def test_rules_are_selected_by_control(self):
        listed = self.audit("rules", "list", "--select", "control:NIST-800-53/AC-17(2) and not ssh", "--json")
        self.assertEqual([json.loads(line)["id"] for line in listed.out.splitlines()], ["exposure.telnet-open"], listed)
        with servers.telnetd(ADDRESS):
            done = self.run_inventory(targets(ADDRESS, head='select = "control:*/AC-17(2)"'))
        self.assertEqual([one["id"] for one in done.report["rules"]], ["exposure.telnet-open", "ssh.version"], done)
        unknown = self.audit("run", "--target", ADDRESS, "--select", "control:NIST-800-53/CM-77")
        self.assertEqual(unknown.code, 64, unknown)
        self.assertIn("`control:NIST-800-53/CM-77` matches no rule", unknown.err)

    def test_a_report_says_the_controls_of_each_rule(self):
        page = self.directory / "report.html"
        done = self.run_inventory(targets(ADDRESS, head='select = "exposure or dns.reverse-missing"'), "--report",
                                  f"html={page}", fail_on="never")
        controls = {one["id"]: one["controls"] for one in done.report["rules"]}
        self.assertEqual(controls["exposure.ftp-open"]["NIST-800-53"], ["CM-7", "IA-5(1)", "SC-8", "SC-8(1)"])
        self.assertEqual(controls["dns.reverse-missing"], {"CIS-Controls": ["1.1"], "NIST-800-53": ["SC-22"]})
        self.assertIn("bears on NIST-800-53: CM-7, IA-5(1), SC-8, SC-8(1)<", page.read_text())

    def test_frameworks_stand_beside_the_rules_that_they_speak_of(self):
        path = self.write("mine/lab/rule.lua", rule("    return info('x')", "lab.rule", 'requires = "nothing"')).parent.parent
        self.write("mine/frameworks/lab.toml", FRAMEWORK)
        alone = json.loads(self.audit("rules", "show", "lab.rule", "--json", "--rules", path).out)
        self.assertEqual(alone["controls"], {"LAB": ["1.1"]})
        both = self.audit("rules", "list", "--select", "control:*", "--rules", f"+{path}")
        self.assertIn("lab.rule", both.out)
        self.assertIn("ssh.version", both.out)

    def test_a_mistake_is_told_with_file_line_and_column_before_anything_is_sent(self):
        path = self.write("mine/lab/rule.lua", rule("    return info('x')", "lab.rule", 'requires = "nothing"')).parent.parent
        framework = self.write("mine/frameworks/lab.toml", FRAMEWORK.replace("lab.*", "labb.*"))
        told = f"{framework}:6:19: "
        for command in (("run", "--target", ADDRESS, "--rules", path), ("rules", "list", "--rules", path),
                        ("rules", "check", path)):
            with self.subTest(command[:2]):
                done = self.audit(*command)
                self.assertEqual(done.code, 78, done)
                self.assertIn(told, done.out + done.err)
                self.assertIn("`labb.*` matches no rule", done.out + done.err)
