"""`audit plan`: checks by rule, probes by kind, time and coverage, as the run then has them."""

import re

import servers
from program import LabTest

TEXT = """schema = 1
[audit]
select = "exposure.telnet-open or exposure.ftp-open or dns.name-unresolved"
[limits]
rate = 100
[scope]
exclude = ["127.0.8.130", "127.0.8.9"]
[groups.plc]
never = ["tcp/23"]
limits.gap = "100ms"
[[targets]]
address = "127.0.8.1"
[[targets]]
address = "127.0.8.2"
groups = ["plc"]
[[targets]]
address = "127.0.8.9"
[[targets]]
address = "127.0.8.128/29"
[[targets]]
address = "127.0.8.129"
"""


class PlanTest(LabTest):
    def test_it_counts_checks_by_rule_without_what_is_excluded_or_covered_twice(self):
        done = self.audit("plan", self.write("inv.toml", TEXT))
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out, r"(?m)^  exposure\.telnet-open .* 3 \+4  ")
        self.assertIn("Checks: 9 planned for what is listed, up to 12 more if every candidate lives", done.out)
        self.assertIn("Excluded in all: 2 addresses, not counted above", done.out)

    def test_the_coverage_it_promises_is_that_of_the_run(self):
        text = TEXT.replace('[[targets]]\naddress = "127.0.8.128/29"\n', "")
        path = self.write("inv.toml", text)
        planned = self.audit("plan", path)
        best = float(re.search(r"Coverage: ([\d.]+) at best", planned.out)[1])
        self.assertIn("1 check cannot be reviewed, since `never` forbids ports of: exposure.telnet-open (1); below "
                      "require_coverage = 1: the run would exit with 2", planned.out)
        with servers.sshd("127.0.8.1"):
            done = self.audit(path, report=True)
        self.assertEqual(done.code, 2, done)
        self.assertAlmostEqual(done.summary["coverage"], best, 3)
        self.assertEqual(f"Checks: {done.summary['planned']} planned", re.search(r"Checks: \d+ planned", planned.out)[0])

    def test_the_time_keeps_the_rate_and_the_gap(self):
        done = self.audit("plan", "--target", "127.0.8.0/24", "--select", "exposure.telnet-open")
        self.assertIn("Time: at least 0.1 s at 5000 probes a second; about ", done.out)
        slow = self.audit("plan", self.write("inv.toml", TEXT.replace("100ms", "1h")))
        self.assertNotIn("gap of one target", slow.out)  # one port is left there: nothing to wait between
        slow = self.audit("plan", self.write("inv.toml", TEXT.replace("100ms", "1h").replace('"tcp/23"', '"tcp/1"')))
        self.assertIn("Time: at least 3600.0 s", slow.out)

    def test_an_inventory_too_large_to_walk_says_at_most(self):
        done = self.audit("plan", "--target", "10.0.0.0/8", "--select", "exposure.telnet-open")
        self.assertIn("Sweep: at most 16777214 TCP connects", done.out)
