"""[limits] per_prefix, where it is written: the half-open connections of the sweep keep it, and the plan says so."""

import datetime
import re

import network
from program import LabTest, targets

PLACES, TIMEOUT = 4, 0.2
LIMIT = f"""select = "exposure.telnet-open"
[limits]
per_prefix = {PLACES}
timeout = "{TIMEOUT * 1000:.0f}ms"
attempts = 2
"""


class PrefixTest(LabTest):
    def test_the_sweep_of_a_silent_subnet_keeps_the_limit(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop("127.0.9.0/24")
            done = self.audit(self.write("inventory.toml", targets("127.0.9.0/28", head=LIMIT)), "--trace", report=True)
        self.assertEqual(done.report["summary"]["dark"], 14, done)
        self.assertEqual(done.report["summary"]["probes"]["sent"], 14 * 2 * 2, done)  # with the echoes
        ends = [datetime.datetime.fromisoformat(time).timestamp()
                for time in re.findall(r"^(\S+)Z port +tcp/127.0.9.\d+:23 silent$", done.err, re.MULTILINE)]
        self.assertEqual(len(ends), 14 * 2, done.err)
        # Each takes the place of one that has ended, and waits out its timeout there.
        for earlier, later in zip(ends, ends[PLACES:]):
            self.assertGreaterEqual(later - earlier, TIMEOUT - 0.002, done.err)

    def test_the_plan_says_what_it_bounds(self):
        bounded = self.audit("plan", self.write("inventory.toml", targets("127.0.9.0/28", head=LIMIT)))
        self.assertIn("At once: 4 connections with one /24 or /48, those of the sweep among them: where nothing answers, at "
                      "most 20.0 attempts a second there", bounded.out)
        free = self.audit("plan", self.write("inventory.toml", targets("127.0.9.0/28")))
        self.assertIn("At once: 128 conversations with one /24 or /48; the sweep is bounded by its rate alone", free.out)
