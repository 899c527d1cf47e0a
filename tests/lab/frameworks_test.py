"""Frameworks as data: what a real run says of controls, in JSON, text and HTML, and `audit rules frameworks`."""

import html
import json
import re

import servers
from program import LabTest, rule, targets

TELNET, QUIET = "127.0.0.77", "127.0.0.78"
FRAMEWORK = """schema = 1
id = "LAB"
title = "Controls of the lab"
version = "7"
note = "In the words of the lab."
[controls."1.1"]
title = "Nobody listens on 23"
rules = [{ rule = "lab.silent", supports = "full", why = "the lab asks for no more" }]
[controls."1.2"]
title = "Names are good"
rules = [{ rule = "lab.named", supports = "partial", why = "it looks at <one> name" }]
[controls."1.3"]
title = "Both"
rules = [
  { rule = "lab.*", supports = "full", why = "all there is" },
  { rule = "lab.named", supports = "partial", why = "one part" },
]
[controls."1.10"]
title = "Visitors sign the book"
[controls."1.4"]
title = "Web servers are asked"
rules = [{ rule = "lab.web", supports = "full", why = "it asks each" }]
"""
STATES = ["not_satisfied", "risk_accepted", "satisfied", "attested", "partial_evidence", "not_reviewed", "no_evidence", "not_covered"]


class FrameworksTest(LabTest):
    def setUp(self):
        super().setUp()
        self.write("mine/lab/silent.lua", rule("    return fail('it listens', { target:port(23) })", "lab.silent", 'ports = { 23 }, absent = "pass"'))
        self.write("mine/lab/named.lua", rule("    return pass('named', { target:port(9) })", "lab.named", 'requires = "nothing"'))
        self.rules = self.write("mine/lab/web.lua", rule("    return info('x')", "lab.web", "ports = { 8099 }")).parent.parent
        self.framework = self.write("mine/frameworks/lab.toml", FRAMEWORK)

    def run_lab(self, *addresses, select="lab", extra=()):
        return self.run_inventory(targets(*addresses, head=f'select = "{select}"'), "--rules", self.rules, *extra, fail_on="never")

    def states(self, done):
        (lab,) = done.report["frameworks"]
        self.assertEqual(sum(lab["counts"].values()), len(lab["controls"]))
        self.assertEqual(list(lab["counts"]), STATES)
        return {one["id"]: one["state"] for one in lab["controls"]}

    def test_a_failure_on_one_target_keeps_a_control_from_being_satisfied(self):
        with servers.telnetd(TELNET):
            done = self.run_lab(TELNET, QUIET)
        self.assertEqual(self.states(done), {"1.1": "not_satisfied", "1.2": "partial_evidence", "1.3": "not_satisfied",
                                             "1.4": "no_evidence", "1.10": "not_covered"}, done)
        control = done.report["frameworks"][0]["controls"][0]
        self.assertEqual(control["why"], "1 failure (lab.silent 1)")
        (mapped,) = control["rules"]
        self.assertEqual([(mapped["supports"], mapped["why"])], [("full", "the lab asks for no more")])
        self.assertEqual((mapped["planned"], mapped["pass"], mapped["fail"], mapped["failed_left_out"]), (2, 1, 1, 0))
        self.assertEqual([one["target"] for one in mapped["failed"]], [TELNET])
        found = [one for one in done.report["checks"] if one["rule"] == "lab.silent" and one["status"] == "fail"]
        self.assertEqual([one["target"] for one in found], [TELNET])

    def test_a_full_mapping_that_passes_everywhere_satisfies_and_a_partial_one_does_not(self):
        states = self.states(self.run_lab(QUIET))
        self.assertEqual(states["1.1"], "satisfied")
        self.assertEqual(states["1.2"], "partial_evidence")
        self.assertEqual(states["1.3"], "satisfied", "lab.web had nothing to judge, and the other full mapping passed")

    def test_a_part_of_the_inventory_satisfies_nothing_and_every_report_says_which_part_is_missing(self):
        page, text = self.directory / "report.html", self.directory / "report.txt"
        done = self.run_lab(QUIET, "127.0.0.79", "127.0.0.80", extra=("--limit", QUIET, "--report", f"html={page}", "--report", f"text={text}"))
        self.assertEqual(self.states(done)["1.1"], "partial_evidence")
        words = "2 of 3 targets were left out by --limit"
        self.assertIn(words, done.report["frameworks"][0]["controls"][0]["why"])
        self.assertEqual([(part["by"], part["count"], part["of"], part["message"]) for part in done.report["left_out"]], [("limit", 2, 3, words)])
        for told in (text.read_text(), html.unescape(re.sub(r"<[^>]+>", " ", page.read_text()))):
            self.assertIn(words, " ".join(told.split()))
        whole = self.run_lab(QUIET, "127.0.0.79", extra=("--limit", "*"))
        self.assertEqual((self.states(whole)["1.1"], whole.report["left_out"]), ("satisfied", []))

    def test_a_rule_that_safety_keeps_from_a_target_satisfies_nothing(self):
        spared = '[groups.spared]\nsafety = "connect"\n[[targets]]\naddress = "127.0.0.79"\ngroups = ["spared"]\n'
        done = self.run_inventory(targets(QUIET, head=f'select = "lab"\n{spared}'), "--rules", self.rules, fail_on="never")
        self.assertEqual(self.states(done)["1.1"], "partial_evidence")
        self.assertIn("lab.silent: not asked of 1 of 2 targets (127.0.0.79), because `safety` does not allow it",
                      done.report["frameworks"][0]["controls"][0]["why"])

    def test_expectations_of_some_targets_satisfy_nothing_of_all(self):
        self.framework.write_text(FRAMEWORK.replace('rule = "lab.silent"', 'rule = "policy.port-denied"'))
        expects = '[[targets]]\naddress = "127.0.0.79"\nexpect.tcp.deny = [23]\n'
        some = self.run_inventory(targets(QUIET, head=f'select = "lab"\n{expects}'), "--rules", self.rules, fail_on="never")
        self.assertEqual(self.states(some)["1.1"], "partial_evidence")
        self.assertIn("policy.port-denied: not asked of 1 of 2 targets (127.0.0.78)", some.report["frameworks"][0]["controls"][0]["why"])
        every = self.run_inventory(f'schema = 1\n[audit]\nselect = "lab"\n{expects}', "--rules", self.rules, fail_on="never")
        self.assertEqual(self.states(every)["1.1"], "satisfied")

    def test_what_was_not_asked_or_not_seen_is_never_satisfied(self):
        fewer = self.states(self.run_lab(QUIET, select="lab.silent"))
        self.assertEqual((fewer["1.1"], fewer["1.2"], fewer["1.3"]), ("satisfied", "no_evidence", "partial_evidence"))
        self.write("mine/lab/silent.lua", rule("    error('oh')", "lab.silent", 'requires = "nothing"'))
        self.assertEqual(self.states(self.run_lab(QUIET))["1.1"], "no_evidence")

    def test_text_and_page_say_it_in_words(self):
        page, text = self.directory / "report.html", self.directory / "report.txt"
        with servers.telnetd(TELNET):
            self.run_lab(TELNET, QUIET, extra=("--report", f"html={page}", "--report", f"text={text}"))
        told = text.read_text()
        self.assertRegex(told, r"(?m)^ +LAB$")
        for words, count in (("not satisfied", 2), ("partial evidence", 1), ("no evidence", 1), ("not covered", 1), ("controls", 5)):
            self.assertRegex(told, rf"(?m)^  {words} +{count}$")
        self.assertIn("- not satisfied: 1.1, 1.3: 1 failure (lab.silent 1)", told)
        section = page.read_text().split('<section id="controls">')[1].split("</section>")[0]
        plain = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", section)))
        for words in ("LAB", "In the words of the lab.", "5 controls: 2 not satisfied, 0 risk accepted, 0 satisfied",
                      "not satisfied 1 failure (lab.silent 1)", "lab.named partial: it looks at <one> name", "1 pass, 1 fail, 0 not judged",
                      "not covered : 1 on which no rule bears", "1.10 Visitors sign the book"):
            self.assertIn(words, plain)

    def test_the_shipped_catalogues_are_in_every_report_and_nothing_of_them_is_satisfied(self):
        with servers.telnetd(TELNET):
            done = self.run_inventory(targets(TELNET, head='select = "exposure"'), fail_on="never")
        by_id = {one["id"]: one for one in done.report["frameworks"]}
        self.assertEqual(sorted(by_id), ["CIS-Controls", "NIST-800-53", "PCI-DSS"])
        self.assertEqual([by_id[one]["version"] for one in sorted(by_id)], ["v8.1", "Rev. 5", "4.0.1"])
        for one in by_id.values():
            self.assertEqual(one["counts"]["satisfied"], 0)
            self.assertGreater(one["counts"]["not_satisfied"], 0)
            self.assertGreater(one["counts"]["not_covered"], 0)
        states = {one["id"]: one["state"] for one in by_id["NIST-800-53"]["controls"]}
        self.assertEqual((states["CM-7"], states["AU-8"], states["IA-3"]), ("not_satisfied", "not_covered", "no_evidence"))

    def test_rules_frameworks_lists_controls_with_their_rules_and_those_without(self):
        told = self.audit("rules", "frameworks", "--rules", self.rules)
        self.assertEqual(told.code, 0, told)
        self.assertIn("LAB 7: Controls of the lab\n4 of 5 controls covered by rules; ", told.out)
        self.assertRegex(told.out, r"  1\.2 +Names are good\n +partial lab\.named: it looks at <one> name\n")
        self.assertRegex(told.out, r"  1\.10 +Visitors sign the book\n +not covered: no rule bears on it\n")
        rows = [json.loads(line) for line in self.audit("rules", "frameworks", "LAB/1.3", "--json", "--rules", self.rules).out.splitlines()]
        self.assertEqual([(one["control"], [(row["rule"], row["supports"]) for row in one["rules"]]) for one in rows],
                         [("1.3", [("lab.named", "partial"), ("lab.silent", "full"), ("lab.web", "full")])])
        shipped = self.audit("rules", "frameworks", "PCI-DSS/2.2.*", "NIST-800-53/AC-17(2)")
        self.assertEqual(shipped.err, "8 controls, 5 covered by rules\n", shipped)
        unknown = self.audit("rules", "frameworks", "NIST-80-53")
        self.assertEqual(unknown.code, 64, unknown)
        self.assertIn("there is no control `NIST-80-53`; did you mean `NIST-800-53`?", unknown.err)

    def test_a_mapping_without_its_words_is_found_before_anything_is_sent(self):
        for written, told in (('"lab.*"', ":8:10: a mapping says how far it bears on the control, and why"),
                              ('{ rule = "lab.silent", supports = "full" }', ":8:10: this mapping has no why"),
                              ('{ rule = "lab.silent", supports = "most", why = "w" }', ':8:44: supports is "partial" or "full"'),
                              ('{ rule = "lab.silnt", supports = "full", why = "w" }', ":8:19: `lab.silnt` matches no rule; did you mean `lab.silent`?")):
            self.framework.write_text(FRAMEWORK.replace('{ rule = "lab.silent", supports = "full", why = "the lab asks for no more" }', written))
            for command in (("run", "--target", QUIET), ("rules", "frameworks")):
                done = self.audit(*command, "--rules", self.rules)
                self.assertEqual(done.code, 78, done)
                self.assertIn(f"{self.framework}{told}", done.err)
