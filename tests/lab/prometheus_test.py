"""The Prometheus report: promtool accepts it whatever a peer says, and a run that was cut short does not hide the last whole one."""

import re
import signal
import subprocess

import peers
import servers
from processes import find_program, wait_until
from program import LabTest, rule, targets

BANNER = rule('    local banner = target:banner(7000)\n    return fail("it says " .. banner.text, { banner = banner })', "lab.banner")


def checked(path):
    """What promtool has to say of a file: nothing."""
    with open(path, "rb") as file:
        done = subprocess.run([find_program("promtool"), "check", "metrics"], stdin=file, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def samples(path):
    """By name and labels, as a reader of the format takes them apart."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r'(\w+)\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\} (\S+)', line).groups()
        key = name, tuple((label, text) for label, text in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels) if label != "inventory")
        assert key not in found, line
        found[key] = float(value)
    return found


class PrometheusTest(LabTest):
    def setUp(self):
        super().setUp()
        self.path = self.directory / "audit.prom"

    def test_promtool_accepts_the_file_and_it_counts_what_the_run_counted(self):
        with servers.telnetd("127.0.0.11"), servers.nginx("127.0.0.13"):
            done = self.run_inventory(targets("127.0.0.11", "127.0.0.13", "127.0.0.14", head='select = "not dns.*"'),
                                      "--report", f"prometheus={self.path}")
        self.assertEqual(checked(self.path), (0, ""))
        found = samples(self.path)
        for status in ("pass", "fail", "error", "not_applicable", "not_reviewed", "informational"):
            self.assertEqual(found["audit_checks", (("status", status),)], done.summary[status])
        self.assertEqual(found["audit_coverage_ratio", ()], done.summary["coverage"])
        self.assertEqual(found["audit_target_up", (("target", "127.0.0.14"),)], 1)
        telnet = [dict(labels) for name, labels in found if name == "audit_check_status" and ("status", "fail") in labels]
        self.assertIn(("exposure.telnet-open", "127.0.0.11", "no"), [(one["rule"], one["target"], one["waived"]) for one in telnet])
        self.assertTrue(any(name == "audit_probe_duration_seconds" for name, _ in found), found)
        self.assertEqual(sum(value for (name, _), value in found.items() if name == "audit_series_left_out"), 0)

    def test_promtool_accepts_what_a_hostile_peer_said_and_a_hostile_name(self):
        self.write("rules/lab/banner.lua", BANNER)
        text = targets("127.0.0.20").replace('"lab"', "'a\"} 1 b{c=\\\"\\n'")
        inventory = self.write("inventory.toml", text)
        with peers.hostile("127.0.0.20", 7000):
            done = self.audit(inventory, "--rules", self.directory / "rules", "--report", f"prometheus={self.path}")
        self.assertEqual(done.code, 1, done)
        self.assertEqual(checked(self.path), (0, ""))
        self.assertEqual([line for line in self.path.read_text().splitlines() if not re.match(r"audit_|# (HELP|TYPE) audit_", line)], [])

    def test_promtool_refuses_what_is_wrong(self):
        self.path.write_text('audit_x{a="1} 1\n')
        self.assertNotEqual(checked(self.path)[0], 0)

    def test_a_run_that_is_cut_short_says_so_and_keeps_the_time_of_the_last_complete_one(self):
        self.write("rules/lab/banner.lua", BANNER)
        words = [self.write("inventory.toml", targets("127.0.0.20")), "--rules", self.directory / "rules", "--report",
                 f"prometheus={self.path}"]
        with peers.saying("127.0.0.20", 7000, b"hello\r\n"):
            self.assertEqual(self.audit(*words).code, 1)
        whole = samples(self.path)
        self.assertEqual((whole["audit_run_complete", ()], whole["audit_last_complete_run_timestamp_seconds", ()]),
                         (1, whole["audit_run_end_timestamp_seconds", ()]))
        with peers.silent("127.0.0.20", 7000) as peer:
            running = self.start(*words)
            wait_until("the conversation", lambda: peer.accepted > 0)
            running.send(signal.SIGTERM)
            self.assertEqual(running.end().code, 143)
        cut = samples(self.path)
        self.assertEqual(cut["audit_run_complete", ()], 0)
        self.assertGreater(cut["audit_run_end_timestamp_seconds", ()], whole["audit_run_end_timestamp_seconds", ()])
        self.assertEqual(cut["audit_last_complete_run_timestamp_seconds", ()], whole["audit_run_end_timestamp_seconds", ()])
        self.assertEqual(checked(self.path), (0, ""))
