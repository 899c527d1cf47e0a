"""Rules with scope = "run": one check of target `*` in the plan, the counts, every report format and the exit code; a
replay gives it byte for byte, and a run that is stopped leaves it not reviewed."""

import html
import json
import re

import peers
from program import LabTest, targets

FIRST, SECOND, CLOSED = "127.0.0.61", "127.0.0.62", "127.0.0.63"

SAME_WORDS = """return rule {
  id = "lab.same-words", title = "No two hosts say the same", severity = "medium", tags = { "lab" },
  ports = { 7000 }, scope = "run",
  collect = function(target)
    return { banner = target:banner(7000, { timeout = 1 }), owner = target.owner }
  end,
  check = function(run)
    local known = {}
    for host in run:each() do
      local words = host.collected.banner.bytes
      if known[words] then
        return fail(known[words].id .. " and " .. host.id .. " say the same",
                    { known[words].collected.banner, host.collected.banner })
      end
      known[words] = host
    end
    return pass(run.collected .. " hosts, each with words of its own")
  end,
}
"""
RULE, RULES = "lab.same-words", {"lab/same-words.lua": SAME_WORDS}


class RunScopeTest(LabTest):
    def inventory(self, *addresses, head=""):
        return targets(*(addresses or (FIRST, SECOND, CLOSED)), head=head)

    def says(self, first=b"one\n", second=b"two\n"):
        self.enterContext(peers.saying(FIRST, 7000, first))
        self.enterContext(peers.saying(SECOND, 7000, second))

    def test_the_plan_counts_it_once_and_the_sweep_for_each_target(self):
        for name, lua in RULES.items():
            self.write(f"rules/{name}", lua)
        path = self.write("inventory.toml", self.inventory())
        done = self.audit("plan", path, "--rules", self.directory / "rules")
        self.assertIn("Checks: 0 planned for what is listed, and 1 of the whole run (target `*`)\n", done.out)
        self.assertIn("Sweep: 3 TCP connects at one attempt each", done.out)

    def test_it_passes_once_and_the_counts_sum(self):
        self.says()
        done = self.run_inventory(self.inventory(), rules=RULES)
        self.assertEqual((done.code, done.status(RULE, "*")), (0, ("pass", "observed")), done)
        self.assertEqual(done.check(RULE, "*")["message"], "2 hosts, each with words of its own")
        self.assertEqual((done.report["summary"]["planned"], len(done.report["targets"])), (1, 3), done)
        self.assertEqual(done.report["summary"]["score"], 1)

    def test_a_fail_is_in_every_format_with_the_targets_that_it_is_about(self):
        self.says(b"one\n", b"one\n")
        pages = [f"{kind}={self.directory / kind}" for kind in ("text", "html")]
        done = self.run_inventory(self.inventory(), "--report", pages[0], "--report", pages[1], rules=RULES)
        self.assertEqual((done.code, done.status(RULE, "*")), (1, ("fail", "observed")), done)
        evidence = done.check(RULE, "*")["evidence"]
        self.assertEqual([(item.get("label"), item.get("endpoint")) for item in evidence],
                         [(FIRST, f"tcp/{FIRST}:7000"), (SECOND, f"tcp/{SECOND}:7000"), ("collection", None)])
        message = f"{FIRST} and {SECOND} say the same"
        for kind in ("text", "html"):
            text = html.unescape((self.directory / kind).read_text())
            words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text) if kind == "html" else text)
            self.assertIn(message, words, kind)
            self.assertRegex(words, rf"lab\.same-words.{{0,400}}\*", kind)

    def test_what_was_not_seen_makes_a_pass_not_reviewed_and_the_run_incomplete(self):
        self.enterContext(peers.saying(FIRST, 7000, b"one\n"))
        self.enterContext(peers.silent(SECOND, 7000))
        done = self.run_inventory(self.inventory(), rules=RULES)
        self.assertEqual((done.code, done.status(RULE, "*")), (2, ("not_reviewed", "timeout")), done)
        self.assertIn("but 1 of 3 targets is missing: 1 timeout", done.check(RULE, "*")["message"])

    def test_a_pass_over_a_part_of_the_inventory_is_not_reviewed(self):
        self.says()
        done = self.run_inventory(self.inventory(), "--limit", FIRST, "--limit", SECOND, rules=RULES)
        self.assertEqual((done.code, done.status(RULE, "*")), (2, ("not_reviewed", "out_of_scope")), done)
        self.assertIn("but 1 of 3 targets was left out by --limit", done.check(RULE, "*")["message"])
        spared = '[groups.spared]\nsafety = "connect"\n[[targets]]\naddress = "127.0.0.64"\ngroups = ["spared"]\n'
        done = self.run_inventory(self.inventory(head=spared), rules=RULES)
        self.assertEqual((done.code, done.status(RULE, "*")), (2, ("not_reviewed", "out_of_scope")), done)
        self.assertIn("not asked of 1 of 4 targets (127.0.0.64), because `safety` does not allow it", done.check(RULE, "*")["message"])

    def test_a_replay_gives_it_byte_for_byte(self):
        self.says(b"one\n", b"one\n")
        transcript = self.directory / "run.transcript"
        done = self.run_inventory(self.inventory(), "--record", transcript, rules=RULES)
        self.assertEqual(done.status(RULE, "*"), ("fail", "observed"), done)
        path = self.directory / "replayed.json"
        replayed = self.audit(self.directory / "inventory.toml", "--rules", self.directory / "rules", "--replay", transcript,
                              "--report", f"json={path}")
        self.assertEqual(replayed.code, 1, replayed)
        self.assertEqual(path.read_bytes(), done.report_path.read_bytes())

    def test_other_targets_than_were_recorded_are_missing(self):
        self.says()
        transcript = self.directory / "run.transcript"
        self.run_inventory(self.inventory(FIRST, SECOND), "--record", transcript, rules=RULES)
        done = self.run_inventory(self.inventory(FIRST, SECOND, CLOSED), "--replay", transcript, rules=RULES)
        self.assertEqual(done.status(RULE, "*"), ("not_reviewed", "not_recorded"), done)

    def test_ports_that_are_never_touched_are_not_collected_either(self):
        self.says()
        done = self.run_inventory(self.inventory(head='[scope]\nnever = ["tcp/7000"]'), rules=RULES)
        self.assertNotIn(done.status(RULE, "*")[0], ("pass", "fail"), done)

    def test_a_run_that_is_cut_short_leaves_it_not_reviewed(self):
        self.enterContext(peers.silent(FIRST, 7000))
        rules = {"lab/same-words.lua": SAME_WORDS.replace("timeout = 1", "timeout = 60")}
        done = self.run_inventory(self.inventory(FIRST), "--max-runtime", "1s", rules=rules)
        self.assertEqual((done.code, done.status(RULE, "*")), (2, ("not_reviewed", "stopped")), done)
        self.assertEqual(done.report["summary"]["planned"], 1)

    def test_it_is_shown_and_checked(self):
        path = self.write("same-words.lua", SAME_WORDS)
        shown = json.loads(self.audit("rules", "show", RULE, "--json", "--rules", path).out)
        self.assertEqual(shown["scope"], "run")
        self.assertIn("judged once, at the end of the run", self.audit("rules", "show", RULE, "--rules", path).out)
        checked = self.audit("rules", "check", path, "--strict")
        self.assertEqual((checked.code, checked.out), (0, ""), checked)
