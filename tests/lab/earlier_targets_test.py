"""A candidate that was a target in the last complete run is one: its silence is not reviewed, and not out of the plan."""

import signal

import network
import peers
from processes import wait_until
from program import LabTest, rule, targets

NET = "127.0.6.0/29"
HEAD = '[limits]\ntimeout = "200ms"\nattempts = 1'
RULES = {"open.lua": rule('    return pass("open", target:port(7000))', "lab.open")}


class EarlierTargetsTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        self.state = self.directory / "state"

    def kept(self, *arguments, inventory=targets(NET, head=HEAD), **options):
        return self.run_inventory(inventory, "--state", self.state, *arguments, rules=RULES, **options)

    def silent(self, firewall, *hosts):
        for host in hosts:
            firewall.drop(host)

    def test_a_host_that_fell_silent_is_not_reviewed_and_the_run_incomplete(self):
        with network.firewall("never") as firewall:
            self.silent(firewall, *(f"127.0.6.{last}" for last in (4, 5, 6)))
            first = self.kept()
            self.assertEqual((first.code, first.summary["planned"], first.summary["dark"]), (0, 3, 3), first)
            with network.firewall("today") as today:
                self.silent(today, "127.0.6.2")
                second = self.kept()
                self.assertEqual((second.code, second.summary["planned"], second.summary["dark"]), (2, 3, 3), second)
                self.assertEqual(second.status("lab.open", "127.0.6.2"), ("not_reviewed", "unreachable"), second)
                was = f"it was a target in run {first.report['run']['id']}"
                self.assertIn(was, second.check("lab.open", "127.0.6.2")["message"])
                self.assertIn(was, second.target("127.0.6.2")["life_message"])
                self.assertEqual(second.target("127.0.6.2")["life"], "silent")
                self.assertEqual(self.audit("history", "prune", "--runs", "1", "--state", self.state).code, 0)
                third = self.kept()
                self.assertEqual((third.code, third.status("lab.open", "127.0.6.2")), (2, ("not_reviewed", "unreachable")), third)
                self.assertIn(second.report["run"]["id"], third.check("lab.open", "127.0.6.2")["message"])
                alone = self.run_inventory(targets(NET, head=HEAD), rules=RULES)
                self.assertEqual((alone.code, alone.summary["planned"], alone.summary["dark"]), (0, 2, 4), alone)
                without = self.kept(inventory=targets(NET, head=f'{HEAD}\n[scope]\nexclude = ["127.0.6.2"]'))
                self.assertEqual((without.code, without.summary["planned"]), (0, 2), without)
            back = self.kept()
            self.assertEqual((back.code, back.summary["planned"], back.summary["dark"]), (0, 3, 3), back)

    def test_another_selection_or_limit_is_another_run(self):
        self.kept()
        with network.firewall() as firewall:
            self.silent(firewall, "127.0.6.2")
            other = self.kept("--limit", "127.0.6.0/30")
            self.assertEqual((other.code, other.summary["planned"], other.summary["dark"]), (0, 2, 1), other)

    def test_a_resumed_run_and_a_replay_keep_what_was_planned(self):
        slow = {"slow.lua": rule('    local conn <close> = target:connect(23)\n    conn:read(1000, { timeout = 60 })\n'
                                 '    return pass("ended", target:port(23))', "lab.slow", "ports = { 23 }"), **RULES}
        text = targets(NET, "127.0.0.11", head=HEAD)
        words = (text, "--state", self.state)
        first = self.run_inventory(*words, rules=slow)
        with network.firewall() as firewall, peers.silent("127.0.0.11", 23) as mute:
            self.silent(firewall, "127.0.6.2")
            running = self.start(self.directory / "inventory.toml", "--rules", self.directory / "rules", "--state", self.state,
                                 report=True)
            wait_until("the slow one", lambda: mute.accepted > 0)
            running.send(signal.SIGTERM)
            stopped = running.end()
            self.assertEqual((stopped.code, stopped.status("lab.open", "127.0.6.2")[0]), (143, "not_reviewed"), stopped)
            mute.close()
            transcript = self.directory / "transcript"
            done = self.run_inventory(*words, "--resume", rules=slow)
            self.assertEqual((done.code, done.status("lab.open", "127.0.6.2")), (2, ("not_reviewed", "unreachable")), done)
            self.assertIn(first.report["run"]["id"], done.check("lab.open", "127.0.6.2")["message"])
            recorded = self.run_inventory(*words, "--record", transcript, rules=slow)
            replayed = self.run_inventory(text, "--replay", transcript, rules=slow)
        for one in (recorded, replayed):
            self.assertEqual((one.code, one.status("lab.open", "127.0.6.2")), (2, ("not_reviewed", "unreachable")), one)
            self.assertIn(done.report["run"]["id"], one.check("lab.open", "127.0.6.2")["message"])
