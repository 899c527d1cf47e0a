"""`audit rules`: what there is, what each rule says of itself, its mistakes, and a new one."""

import json
import re

import peers
import servers
from program import ROOT, LabTest, rule

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


MISTAKES = {  # the body of a check that has a port: line and column in it, kind, what is said
    "a global that is not there": ("    print('x')", "1:5", "undefined-global", "`print` is defined neither here nor in the sandbox"),
    "a global that is nearly there": ("    if port then return pas('x', port) end", "1:25", "undefined-global", "did you mean `pass`?"),
    "a global that is set": ("    seen = port", "1:5", "undefined-global", "write `local seen`"),
    "a member that is not there": ("    port.x = crypto.hsh('x')", "1:21", "undefined-field", "did you mean `crypto.hash`?"),
    "a word that is not there": ("    target:prot(22)", "1:12", "undefined-word", "did you mean `target:port`?"),
    "a parameter that is not declared": ("    port.x = target.params.days", "1:28", "unknown-parameter", "no parameter `days`"),
    "a module that is not there": ("    port.x = require('smpt')", "1:14", "unknown-module", "did you mean `smtp`?"),
    "a return without a verdict": ("    if port.state == 'open' then return end", "1:34", "missing-verdict", "return here without a verdict"),
}

WARNINGS = {
    "a local that is not used": ("    local x = 1", "1:11", "unused", "`x` is never used"),
    "a helper that is not called": ("    local function help() end", "1:20", "unused", "function `help` is never called"),
    "what follows a return": ("    do return pass('x', port) end\n    port.x = 1", "2:5", "unreachable", "is never reached"),
}


class RulesCheckTest(LabTest):
    def check_body(self, body, *options):
        path = self.write("mine/lab/rule.lua", rule("    local port = target:port(7000)\n" + body + "\n    return pass('x', port)"))
        begin = path.read_text().splitlines().index("    local port = target:port(7000)") + 1
        return self.audit("rules", "check", path, *options), begin, path

    def test_the_shipped_rules_have_nothing_to_complain_of(self):
        done = self.audit("rules", "check", "--strict")
        self.assertEqual((done.code, done.out), (0, ""), done)
        self.assertRegex(done.err, r"^\d+ rule files.*: nothing to complain of\n$")

    def test_the_rules_of_the_pages_have_nothing_to_complain_of(self):
        for page in ("README.md", "rules/README.md"):
            found = re.findall(r"^```lua\n(-- \S+\.lua\nreturn rule .*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
            self.assertTrue(found)
            for number, text in enumerate(found):
                self.write(f"pages/{page}/{number}.lua", text)
        done = self.audit("rules", "check", self.directory / "pages", "--strict")
        self.assertEqual((done.code, done.out), (0, ""), done)

    def test_each_kind_of_mistake_is_found_at_its_place(self):
        for kinds, code in ((MISTAKES, 78), (WARNINGS, 0)):
            for what, (body, place, kind, said) in kinds.items():
                with self.subTest(what):
                    done, begin, path = self.check_body(body)
                    self.assertEqual(done.code, code, done)
                    line, column = map(int, place.split(":"))
                    self.assertTrue(done.out.startswith(f"{path}:{begin + line}:{column}: {'error' if code else 'warning'}: "), done)
                    self.assertIn(said, done.out)
                    self.assertTrue(done.out.endswith(f" [lab.rule, {kind}]\n"), done)
                    self.assertEqual(done.out.count("\n"), 1, done)
                    self.assertIn("1 rule file", done.err)

    def test_strict_makes_warnings_count(self):
        self.assertEqual(self.check_body("    local x = 1", "--strict")[0].code, 78)

    def test_json_is_an_object_a_line(self):
        done, begin, path = self.check_body("    target:prot(1)\n    print(1)", "--json")
        seen = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([one["kind"] for one in seen], ["undefined-word", "undefined-global"], done)
        self.assertEqual((seen[0]["file"], seen[0]["line"], seen[0]["column"], seen[0]["rule"], seen[0]["warning"]),
                         (str(path), begin + 1, 12, "lab.rule", False))

    def test_what_keeps_a_rule_from_loading_is_found_too(self):
        for what, (text, line, kind, said) in {
            "a syntax error": ("return rule {\n  id = = 7,\n}\n", 2, "syntax", "unexpected symbol"),
            "an unknown field": (rule("    return pass('x', target:port(7000))").replace('safety', 'saftey'), 2, "metadata", "did you mean `safety`?"),
        }.items():
            with self.subTest(what):
                path = self.write("mine/lab/rule.lua", text)
                done = self.audit("rules", "check", path)
                self.assertEqual(done.code, 78, done)
                self.assertRegex(done.out, rf"(?m)^{path}:{line}(:\d+)?: error: .*{re.escape(said)}.*{kind}\]$")

    def test_two_rules_of_one_id_are_found(self):
        for name in "ab":
            self.write(f"mine/lab/{name}.lua", rule("    return pass('x', target:port(7000))"))
        done = self.audit("rules", "check", "--rules", self.directory / "mine")
        self.assertEqual(done.code, 78, done)
        self.assertRegex(done.out, r"lab/b\.lua:2:3: error: .*lab/a\.lua \[lab.rule, duplicate-id\]")

    def test_a_path_beside_the_shipped_rules_and_one_that_is_not_there(self):
        self.write("mine/lab/a.lua", rule("    return pass('x', target:port(7000))"))
        beside = self.audit("rules", "check", f"+{self.directory / 'mine'}")
        self.assertEqual(beside.code, 0, beside)
        self.assertGreater(int(beside.err.split()[0]), 1)
        done = self.audit("rules", "check", self.directory / "absent")
        self.assertEqual((done.code, done.out), (64, ""), done)
        self.assertIn("there is no such rule file or folder", done.err)

    def test_a_mistake_in_a_test_is_found_too(self):
        path = self.write("mine/lab/rule.lua", rule("    return pass('x', target:port(7000))"))
        for text, line, said in (("case 'x' {\n  peer { tcp = 7000, sais = 'x' },\n  expect { status = 'pass' } }\n", 2, "did you mean `says`?"),
                                 ("\ncase 'x' {", 2, "expected")):
            with self.subTest(text):
                test = self.write("mine/lab/rule_test.lua", text)
                done = self.audit("rules", "check", path)
                self.assertEqual(done.code, 78, done)
                self.assertRegex(done.out, rf"^{test}:{line}: error: .*{re.escape(said)}.* \[lab.rule, test\]\n$")
                self.assertIn("1 rule file, 1 test: 1 error", done.err)
        test.rename(test.with_name("other_test.lua"))
        done = self.audit("rules", "check", self.directory / "mine")
        self.assertEqual(done.code, 78, done)
        self.assertIn("there is no rule other.lua beside it [test]", done.out)

    def test_help_shows_the_examples_of_the_command_itself(self):
        for words in ([], ["list"], ["show"], ["check"], ["new"], ["test"], ["frameworks"]):
            with self.subTest(words):
                done = self.audit("rules", *words, "--help")
                self.assertEqual(done.code, 0, done)
                self.assertNotIn("audit inventory.toml", done.out)
                self.assertIn("audit rules " + " ".join(words), done.out)

    def test_a_hostile_file_is_no_terminal_control(self):
        path = self.write("mine/lab/rule.lua", "return rule {} \x1b[31m\n")
        done = self.audit("rules", "check", path)
        self.assertEqual(done.code, 78, done)
        self.assertNotIn("\x1b", done.out + done.err)


class RulesNewTest(LabTest):
    def test_a_new_rule_has_every_field_passes_the_check_and_runs(self):
        done = self.audit("rules", "new", "lab.greeting", "--dir", self.directory / "mine")
        self.assertEqual(done.code, 0, done)
        path = self.directory / "mine/lab/greeting.lua"
        self.assertTrue(done.out.startswith(f"{path}\n{path.with_name('greeting_test.lua')}\n"), done)
        self.assertIn(f"audit rules check {path}\n", done.out)
        checked = self.audit("rules", "check", path, "--strict")
        self.assertEqual((checked.code, checked.out), (0, ""), checked)
        tested = self.audit("rules", "test", path, "--coverage", "100")
        self.assertEqual(tested.code, 0, tested)
        self.assertRegex(tested.err, r"^1 rule: 5 cases, 0 failed; \d{2,} generated, 0 failed, 0 accepted; 7 of 7 lines")
        shown = json.loads(self.audit("rules", "show", "lab.greeting", "--json", "--rules", path).out)
        for field in ("title", "rationale", "remediation", "references", "tags", "ports", "params"):
            self.assertTrue(shown[field], field)
        text = path.read_text()
        for field in ("id", "title", "severity", "safety", "tags", "rationale", "remediation", "references", "ports", "absent",
                      "scope", "params", "check"):
            self.assertRegex(text, rf"(?m)^  {field} +=")
        with servers.sshd("127.0.0.12"), peers.saying("127.0.0.13", 22, b"220 no SSH\r\n"):
            ran = self.audit("run", "--target", "127.0.0.12,127.0.0.13,127.0.0.14", "--rules", path, report=True)
        self.assertEqual([ran.status("lab.greeting", f"127.0.0.{last}")[0] for last in (12, 13, 14)],
                         ["pass", "fail", "not_applicable"], ran)

    def test_nothing_is_overwritten(self):
        path = self.write("mine/lab/greeting.lua", "mine\n")
        done = self.audit("rules", "new", "lab.greeting", "--dir", self.directory / "mine")
        self.assertEqual((done.code, done.out, path.read_text()), (73, "", "mine\n"), done)
        self.assertIn("is there already", done.err)
        path.rename(path.with_name("greeting_test.lua"))
        done = self.audit("rules", "new", "lab.greeting", "--dir", self.directory / "mine")
        self.assertEqual((done.code, done.out, path.exists()), (73, "", False), done)
        self.assertIn("greeting_test.lua is there already", done.err)

    def test_an_id_that_is_none_is_a_usage_error(self):
        for name in ("greeting", "Lab.greeting", "lab.", "../x.y", "lab/x.y", "a..b"):
            with self.subTest(name):
                done = self.audit("rules", "new", name, "--dir", self.directory)
                self.assertEqual((done.code, done.out, list(self.directory.glob("**/*.lua"))), (64, "", []), done)

    def test_a_folder_that_cannot_be_made_is_said(self):
        self.write("file", "")
        done = self.audit("rules", "new", "lab.greeting", "--dir", self.directory / "file")
        self.assertEqual((done.code, done.out), (73, ""), done)
        self.assertIn("cannot be written", done.err)
