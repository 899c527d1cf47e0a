"""Bad rules: one that does not load is exit 78 and names itself; one that fails in a check costs that check only."""

import os

import peers
import servers
from program import LabTest, rule, targets

GOOD = rule('    return pass("spoke", target:banner(22))', "lab.good", "ports = { 22 }")

UNLOADABLE = {
    "a syntax error": ('return rule {\n  id = "lab.bad",\n  check = function( return end\n}\n', ":3:", "lab/bad.lua"),
    "a call of nil while loading": ('\nnothing_there()\nreturn rule {}\n', ":2:", "nothing_there"),
    "no rule at all": ("return 7\n", "", "lab/bad.lua"),
    "a rule without an id": ('return rule { title = "x", check = function() end }\n', "", "id"),
    "a rule without a check": ('return rule { id = "lab.bad", title = "x", severity = "low", ports = { 1 } }\n', "", "check"),
    "an unknown severity": (rule("    return nil", "lab.bad").replace('"medium"', '"worst"'), ":", "`severity`"),
    "an unknown key": (rule("    return nil", "lab.bad", "ports = { 1 }, prots = { 2 }"), "", "prots"),
    "a port out of range": (rule("    return nil", "lab.bad", "ports = { 70000 }"), ":4:", "1-65535"),
    "neither ports nor requires": (rule("    return nil", "lab.bad", "params = {}"), "", "ports"),
    "bytecode": ("\x1bLua", "", "lab/bad.lua"),
    "an endless loop while loading": ("while true do end\n", "", "lab/bad.lua"),
}

FAILING = {
    "a call of nil": ("local x = target.no_such_thing\n    return x()", "rule_error", True),
    "an error raised": ('error("on purpose")', "rule_error", True),
    "an endless loop": ("while true do end", "over_budget", True),
    "an endless loop within pcall": ("while true do pcall(function() while true do end end) end", "over_budget", True),
    "an endless loop within try": ("try(function() while true do end end)\n    return pass('got away')", "over_budget", True),
    "unbounded allocation of tables": ("local t = {}\n    while true do t[#t + 1] = { #t } end", "over_budget", True),
    "unbounded allocation of strings": ('local s = "x"\n    while true do s = s .. s end', "over_budget", True),
    "one huge string": ('local s = ("x"):rep(1 << 40)\n    return info(s)', None, True),
    "a pattern that backtracks for ever": ('return pass(("a"):rep(60000):match((".-"):rep(200) .. "b") or "no")', None, True),
    "unbounded recursion": ("local function f() return 1 + f() end\n    return f()", None, True),
    "no verdict": ("target:port(7000)", "rule_error", False),
    "a verdict without evidence": ('return pass("trust me")', "rule_error", False),
    "a verdict with made-up evidence": ('return pass("trust me", { state = "open" })', "rule_error", False),
    "two verdicts": ('pass("one", target:port(7000))\n    return fail("two", target:port(7000))', "rule_error", False),
    "an error that is no string": ("error({})", "rule_error", False),
    "an error with a hostile text": ('error("\\27[31m<script>\\0")', "rule_error", True),
}

OUTSIDE = ("io", "os.execute", "os.exit", "os.remove", "os.getenv", "debug", "package", "load", "loadfile", "dofile",
           "coroutine", "collectgarbage")


class UnloadableRuleTest(LabTest):
    def test_a_rule_that_does_not_load_names_file_and_reason_before_any_packet(self):
        for what, (lua, line, word) in UNLOADABLE.items():
            with self.subTest(what), peers.silent("127.0.0.12", 22) as peer:
                done = self.run_inventory(targets("127.0.0.12"), rules={"lab/bad.lua": lua, "lab/good.lua": GOOD}, timeout=30)
                self.assertMistake(done, "lab/bad.lua" + line, word)
                self.assertEqual(peer.accepted, 0)

    def test_two_rules_of_one_id(self):
        done = self.run_inventory(targets("127.0.0.12"), rules={"lab/bad.lua": GOOD, "lab/good.lua": GOOD})
        self.assertMistake(done, "lab.good", "bad.lua", "good.lua")

    def test_a_hostile_file_name_of_a_rule_moves_no_terminal(self):
        done = self.run_inventory(targets("127.0.0.12"), rules={"lab/\x1b[31m\u202ered.lua": "return rule {"})
        self.assertMistake(done, "\\x1b[31m\\u{202e}red.lua:1:")
        self.assertNotIn("\x1b", done.err)

    def test_a_rules_path_that_is_not_there_or_holds_none(self):
        path = self.write("inventory.toml", targets("127.0.0.12"))
        (self.directory / "empty").mkdir()
        self.assertMistake(self.audit(path, "--rules", self.directory / "empty", report=True), "empty")
        self.assertUsage(self.audit(path, "--rules", self.directory / "absent", report=True), "absent")


class FailingRuleTest(LabTest):
    def test_a_rule_that_fails_is_an_error_with_its_place_and_stops_nobody(self):
        slow = float(os.environ.get("AUDIT_LAB_PATIENCE", "1"))
        rules = {"lab/good.lua": GOOD}
        for number, (body, _, _) in enumerate(FAILING.values()):
            rules[f"lab/failing{number}.lua"] = rule(f"    {body}", f"lab.failing{number}")
        with peers.saying("127.0.0.20", 7000, b"hello\r\n"), servers.sshd("127.0.0.20"), servers.sshd("127.0.0.12"):
            done = self.run_inventory(targets("127.0.0.20", "127.0.0.12"), rules=rules, timeout=120)
        self.assertEqual(done.code, 2, done)
        self.assertLess(done.seconds, 60 * slow)
        for target in ("127.0.0.12", "127.0.0.20"):
            self.assertEqual(done.status("lab.good", target)[0], "pass")
        for number, (what, (_, reason, place)) in enumerate(FAILING.items()):
            with self.subTest(what):
                check = done.check(f"lab.failing{number}", "127.0.0.20")
                self.assertEqual(check["status"], "error", check)
                self.assertIn(check["reason"], (reason,) if reason else ("over_budget", "rule_error"), check)
                if place:
                    self.assertRegex(check["message"], rf"failing{number}\.lua:\d+", check)
                self.assertNotIn("\x1b", check["message"])

    def test_a_rule_that_would_write_over_http_has_to_say_so_and_a_hand_need_not(self):
        heard = []

        def answer(request):
            heard.append(request.split(b" ")[0])
            return b"HTTP/1.1 204 No Content\r\n\r\n"

        normal = rule('    return pass("sent", target:http(7000, { method = "POST" }))')
        intrusive = normal.replace('safety = "normal"', 'safety = "intrusive"')
        inventory = targets("127.0.0.20", head='select = "lab"\n[groups.lab]\nsafety = "intrusive"')
        inventory = inventory.replace("address =", 'groups = ["lab"]\naddress =')
        with peers.http("127.0.0.20", 7000, answer):
            done = self.run_inventory(inventory, rules={"lab/post.lua": normal})
            self.assertEqual(done.status("lab.rule", "127.0.0.20"), ("error", "rule_error"), done)
            self.assertIn('declares safety = "intrusive"', done.check("lab.rule", "127.0.0.20")["message"])
            self.assertEqual(heard, [])
            done = self.run_inventory(inventory, rules={"lab/post.lua": intrusive})
            self.assertEqual(done.status("lab.rule", "127.0.0.20"), ("pass", "observed"), done)
            self.assertEqual(self.audit("probe", "http", "http://127.0.0.20:7000/", "--method", "POST").code, 0)
        self.assertEqual(heard, [b"POST", b"POST"])

    def test_the_sandbox_has_no_way_out(self):
        rules = {f"lab/out{i}.lua": rule(f"    local found = {name}\n    if found == nil then return info('no way out') end\n"
                                         f"    return fail('{name} is there', target:port(7000))", f"lab.out{i}")
                 for i, name in enumerate(OUTSIDE)}
        with peers.silent("127.0.0.20", 7000):
            done = self.run_inventory(targets("127.0.0.20"), rules=rules)
        self.assertEqual(done.failures(), [], done)

    def test_what_one_check_leaves_behind_no_other_sees(self):
        lua = rule('    seen = (seen or 0) + 1\n    string.mark = (string.mark or 0) + 1\n'
                   '    return info("seen " .. seen .. " " .. string.mark, target:port(7000))', "lab.trace")
        with peers.silent("127.0.0.20", 7000), peers.silent("127.0.0.21", 7000):
            done = self.run_inventory(targets("127.0.0.20", "127.0.0.21"), rules={"lab/trace.lua": lua})
        outcomes = {(c["status"], c["reason"]) if c["status"] == "error" else c["message"] for c in done.report["checks"]}
        self.assertIn(outcomes, ({"seen 1 1"}, {("error", "rule_error")}), done)
