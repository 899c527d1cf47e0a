"""SARIF: the schema of OASIS takes every report, and Microsoft's validator finds no error in it that GitHub would stumble over."""

import json
import os
import stat
import subprocess
import tempfile
import unittest

import node_tools
import peers
import servers
from processes import PATIENCE
from program import LabTest, rule, targets

BANNER = rule('    return fail("it says {0} " .. target:banner(7000).text, { target:port(7000) })', "lab.banner", "ports = { 7000 }")
MULTITOOL = node_tools.MODULES / "@microsoft/sarif-multitool-linux/Sarif.Multitool"


def errors_of(path):
    """What sarif-multitool calls an error, by its rules for SARIF and for GitHub's code scanning."""
    if not MULTITOOL.is_file():
        raise unittest.SkipTest("tests/node.sh installed no sarif-multitool for this machine")
    MULTITOOL.chmod(MULTITOOL.stat().st_mode | stat.S_IXUSR)  # npm leaves it without
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log.sarif")
        done = subprocess.run([MULTITOOL, "validate", path, "--rule-kind", "Sarif;Ghas", "--output", log, "--log", "ForceOverwrite"],
                              capture_output=True, text=True, timeout=120 * PATIENCE, check=False,
                              env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"})
        assert os.path.exists(log), done.stdout + done.stderr
        with open(log, encoding="utf-8-sig") as file:
            run = json.load(file)["runs"][0]
    return [(one["ruleId"], one["message"].get("arguments")) for one in run.get("results", []) if one.get("level") == "error"]


class ConformanceSarifTest(LabTest):
    def assertConforms(self, *paths):
        self.assertEqual(node_tools.faults(node_tools.schema_of_others("sarif-2.1.0.schema.json"), *paths), {})

    def assertCounts(self, path, summary):
        run = json.loads(path.read_text())["runs"][0]
        failed = [result for result in run["results"] if result["properties"]["status"] == "fail"]
        self.assertEqual(len(failed), summary["results"]["fail"])
        self.assertEqual(sum(bool(result["suppressions"]) for result in failed), summary["waived"])
        for still_open in (result for result in run["results"] if result not in failed):  # of the baseline, and not looked at
            self.assertEqual((still_open["properties"]["status"], still_open["baselineState"]), ("not_reviewed", "unchanged"))
        unseen = [one for one in run["invocations"][0]["toolExecutionNotifications"] if "associatedRule" in one]
        self.assertEqual(len(unseen), summary["results"]["error"] + summary["results"]["not_reviewed"])
        self.assertEqual(run["properties"]["summary"], summary)

    def test_the_schema_takes_every_report_of_random_hostile_and_huge_records(self):
        self.assertConforms(*node_tools.reports("sarif"))

    def test_microsofts_validator_finds_no_error_in_them(self):
        for path in node_tools.reports("sarif"):
            if path.stem in ("sample", "empty", "hostile", "long", "random-1", "random-7"):
                with self.subTest(path.stem):
                    self.assertEqual(errors_of(path), [])

    def test_every_report_counts_what_the_json_report_counts(self):
        for path in node_tools.reports("sarif"):
            with self.subTest(path.stem):
                self.assertCounts(path, json.loads(node_tools.same_record(path).read_text())["summary"])

    def test_a_real_run_conforms_and_has_its_counts(self):
        path = self.directory / "run.sarif"
        with servers.telnetd("127.0.0.11"), servers.nginx("127.0.0.13"):
            done = self.run_inventory(targets("127.0.0.11", "127.0.0.13", "127.0.0.14", head='select = "not dns.*"'),
                                      "--report", f"sarif={path}")
        self.assertConforms(path)
        self.assertCounts(path, done.summary)
        with peers.hostile("127.0.0.20", 7000):
            done = self.run_inventory(targets("127.0.0.20"), "--report", f"sarif={path}", rules={"lab/banner.lua": BANNER})
        self.assertConforms(path)
        self.assertCounts(path, done.summary)
        self.assertEqual(errors_of(path), [])
