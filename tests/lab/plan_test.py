"""`audit plan`: checks by rule, probes by kind, time and coverage, as the run then has them."""

import re

import peers
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
        self.assertIn("Time: at least 1 h 0 min", slow.out)

    def test_an_inventory_too_large_to_walk_says_at_most(self):
        done = self.audit("plan", "--target", "10.0.0.0/8", "--select", "exposure.telnet-open")
        self.assertIn("Sweep: at most 16777214 TCP connects", done.out)

    def test_it_says_which_credentials_are_missing_and_runs_no_command_for_that(self):
        mark = self.directory / "mark"
        head = f'''[credentials.env]
env = "LAB_NOWHERE"
[credentials.file]
file = "nowhere"
[credentials.command]
command = ["sh", "-c", "touch {mark}; echo swordfish"]
[credentials.there]
env = "LAB_HERE"
'''
        path = self.write("inv.toml", TEXT + head)
        done = self.audit("plan", path, environment={"LAB_HERE": "swordfish"})
        for word in ("credential `env`", "inv.toml:", "is not set: environment variable LAB_NOWHERE", "credential `file`", "no file",
                     "credential `command`", "--allow-commands", "missing_credential"):
            self.assertIn(word, done.out, done)
        self.assertNotIn("`there`", done.out)
        self.assertNotIn("swordfish", done.out + done.err)
        self.assertFalse(mark.exists(), "it ran")
        done = self.audit("plan", path, "--allow-commands")
        self.assertTrue(mark.exists())
        self.assertNotIn("credential `command`", done.out)

    def test_where_every_target_is_excluded_it_promises_no_coverage(self):
        text = TEXT.replace('"127.0.8.9"]', '"127.0.8.0/24"]')
        done = self.audit("plan", self.write("inv.toml", text))
        self.assertIn("Coverage: of no target: every one is excluded", done.out)
        self.assertNotIn("at best", done.out)

    def test_it_says_which_waivers_have_ended(self):
        waiver = """[[waivers]]
id = "{}"
rule = "exposure.telnet-open"
targets = "127.0.8.1"
reason = "r"
approver = "a"
starts = 2020-01-01
expires = {}
"""
        done = self.audit("plan", self.write("inv.toml", TEXT + waiver.format("W-1", "2020-02-01") + waiver.format("W-2", "2999-01-01")))
        self.assertIn("Expired: waiver W-1 of exposure.telnet-open ended on 2020-02-01", done.out)
        self.assertNotIn("W-2", done.out)

    def test_names_are_resolved_where_that_is_asked_for_and_nothing_else_is_sent(self):
        head = """schema = 1
[audit]
resolvers = ["127.0.0.1:5353"]
[scope]
include = ["127.0.0.0/24"]
exclude = ["127.0.0.12"]
"""
        names = [f"{label}.lab.test" for label in ("ssh", "both", "web", "outside", "nowhere")]
        # A loopback address counts only where it is written.
        path = self.write("inv.toml", head + "".join(f'[[targets]]\naddress = "{one}"\n' for one in ["127.0.0.13", *names]))
        with servers.named(), peers.silent("127.0.0.13", 22) as peer:
            done = self.audit("plan", path)
            self.assertIn("Nothing was sent, and no name was resolved.", done.out)
            self.assertNotIn("as they resolve now", done.out)
            done = self.audit("plan", path, "--resolve")
            self.assertEqual((done.code, peer.accepted), (0, 0), done)
        said = dict(re.findall(r"(?m)^  (\w+\.lab\.test) +(?!a name)(.*)$", done.out))
        self.assertEqual(said["ssh.lab.test"], "nothing that may be asked; excluded: 127.0.0.12")
        self.assertEqual(said["both.lab.test"], "127.0.0.13; excluded: 127.0.0.12")
        self.assertEqual(said["web.lab.test"], "127.0.0.13")
        self.assertIn("nothing that may be asked; out of scope: ", said["outside.lab.test"])
        self.assertIn("192.0.2.1", said["outside.lab.test"])
        self.assertRegex(said["nowhere.lab.test"], "^unresolved: ")
        self.assertIn("Names (5), as they resolve now", done.out)
        self.assertIn("Nothing was sent but the questions for names, to the resolvers.", done.out)

    def test_of_the_addresses_of_a_name_it_says_which_are_left_where_the_first_is_enough(self):
        text = """schema = 1
[audit]
resolvers = ["127.0.0.1:5353"]
[scope]
include = ["127.0.0.0/24"]
[groups.one]
resolve = "first"
[[targets]]
address = "both.lab.test"
groups = ["one"]
[[targets]]
address = "127.0.0.12/31"
"""
        path = self.write("inv.toml", text)
        with servers.named():
            done = self.audit("plan", path, "--resolve")
            run = self.audit(path, "--select", "exposure.telnet-open", report=True)
        asked, left = re.search(r"both.lab.test +([\d.]+); not asked \(resolve = \"first\"\): ([\d.]+)", done.out).groups()
        self.assertEqual({asked, left}, {"127.0.0.12", "127.0.0.13"})
        # A server may turn its answers round from one question to the next.
        self.assertRegex(str(run.report["notices"]), rf"only ({asked}|{left}) is asked")

    def test_resolvers_that_keep_silent_are_said_and_the_plan_goes_on(self):
        text = '[audit]\nresolvers = ["127.0.0.1:5399"]\n[[targets]]\naddress = "ssh.lab.test"\n[[targets]]\naddress = "127.0.0.12"\n'
        done = self.audit("plan", self.write("inv.toml", "schema = 1\n" + text), "--resolve")
        self.assertRegex(done.out, r"(?m)^  ssh.lab.test +(timeout|unresolved|refused): .*127.0.0.1:5399")
        self.assertIn("Checks: ", done.out)
        self.assertEqual(done.code, 0, done)
