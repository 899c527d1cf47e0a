"""`audit rules`: what there is, and what each rule says of itself."""

import json

from program import LabTest, rule

PARAMS = """  params = { days = { type = "integer", default = 30, help = "How long it has to hold." } },"""


class RulesCommandTest(LabTest):
    def rule_folder(self):
        self.write("mine/lab/a.lua", rule("    return pass(target:port(7000))", "lab.a", head="").replace("  check =", PARAMS + "\n  check ="))
        self.write("mine/lab/b.lua", rule("    return pass(target:port(7000))", "lab.b", declares='requires = "nothing"'))
        return self.directory / "mine"

    def test_every_shipped_rule_is_a_line_and_so_are_the_built_in_ones(self):
        done = self.audit("rules", "list")
        self.assertEqual(done.code, 0, done)
        ids = [line.split()[0] for line in done.out.splitlines()]
        self.assertEqual(ids, sorted(ids))
        self.assertIn("exposure.telnet-open", ids)
        self.assertIn("policy.port-unexpected", ids)
        self.assertIn(f"{len(ids)} rules", done.err)

    def test_a_selection_shows_what_it_means_and_a_word_that_means_nothing_is_said(self):
        done = self.audit("rules", "list", "--select", "exposure and severity>=high")
        self.assertEqual((done.code, [line.split()[0] for line in done.out.splitlines()]), (0, ["exposure.telnet-open"]), done)
        self.assertRegex(done.err, r"1 rule of \d+")
        done = self.audit("rules", "list", "--select", "exposure or nonsense")
        self.assertEqual((done.code, done.out), (64, ""), done)
        self.assertIn("`nonsense` matches no rule", done.err)
        done = self.audit("rules", "list", "--select", "exposure and (")
        self.assertEqual((done.code, done.out), (64, ""), done)

    def test_a_rule_is_shown_with_its_parameters(self):
        done = self.audit("rules", "show", "lab.a", "--rules", self.rule_folder())
        self.assertEqual(done.code, 0, done)
        self.assertIn("lab.a: A rule of the lab\n", done.out)
        self.assertIn("  parameter    days (integer, default 30): How long it has to hold.\n", done.out)
        self.assertIn("  asks         tcp/7000, once for each target\n", done.out)
        self.assertNotIn("lab.b", done.out)

    def test_json_is_an_object_a_line(self):
        done = self.audit("rules", "show", "lab.*", "--json", "--rules", self.rule_folder())
        seen = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([one["id"] for one in seen], ["lab.a", "lab.b"], done)
        self.assertEqual(seen[0]["params"], {"days": {"type": "integer", "default": 30, "help": "How long it has to hold."}})
        self.assertEqual((seen[0]["requires_nothing"], seen[1]["requires_nothing"]), (False, True))
        self.assertEqual(len(seen[0]["sha256"]), 64)

    def test_an_unknown_rule_is_a_usage_error_that_guesses(self):
        done = self.audit("rules", "show", "exposure.telnet-opne")
        self.assertEqual((done.code, done.out), (64, ""), done)
        self.assertIn("did you mean `exposure.telnet-open`?", done.err)

    def test_a_rule_that_cannot_be_loaded_is_said_with_its_line(self):
        self.write("bad/lab/a.lua", "return rule {\n  id = 7,\n}\n")
        done = self.audit("rules", "list", "--rules", self.directory / "bad")
        self.assertEqual((done.code, done.out), (78, ""), done)
        self.assertIn("a.lua", done.err)
