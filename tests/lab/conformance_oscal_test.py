"""OSCAL: NIST's schema of assessment results takes every report, and they count what the JSON report counts."""

import json

import node_tools
import peers
import servers
from program import LabTest, rule, targets

BANNER = rule('    return fail("it says " .. target:banner(7000).text, { target:port(7000) })', "lab.banner", "ports = { 7000 }")


def props(thing):
    return {prop["name"]: prop["value"] for prop in thing.get("props", [])}


class ConformanceOscalTest(LabTest):
    def assertConforms(self, *paths):
        self.assertEqual(node_tools.faults(node_tools.schema_of_others("oscal-complete-1.1.3.schema.json"), *paths), {})

    def assertCounts(self, path, report):
        result = json.loads(path.read_text())["assessment-results"]["results"][0]
        observed = [props(one)["status"] for one in result.get("observations", [])]
        for status, count in report["summary"]["results"].items():
            self.assertEqual(observed.count(status), count, status)
        risks = [one["status"] for one in result.get("risks", [])]
        self.assertEqual(len(risks), report["summary"]["results"]["fail"])
        self.assertEqual(risks.count("deviation-approved"), report["summary"]["waived"])

    def test_nists_schema_takes_every_report_of_random_hostile_and_huge_records(self):
        self.assertConforms(*node_tools.reports("oscal"))

    def test_observations_and_risks_are_those_of_the_json_report(self):
        for path in node_tools.reports("oscal"):
            if path.stem != "long":
                with self.subTest(path.stem):
                    self.assertCounts(path, json.loads(node_tools.same_record(path).read_text()))

    def test_a_real_run_of_hostile_peers_conforms_and_has_its_counts(self):
        path = self.directory / "run.oscal"
        with servers.telnetd("127.0.0.11"), servers.nginx("127.0.0.13"):
            done = self.run_inventory(targets("127.0.0.11", "127.0.0.13", "127.0.0.14", head='select = "not dns.*"'),
                                      "--report", f"oscal={path}")
        self.assertConforms(path)
        self.assertCounts(path, done.report)
        with peers.hostile("127.0.0.20", 7000):
            done = self.run_inventory(targets("127.0.0.20"), "--report", f"oscal={path}", rules={"lab/banner.lua": BANNER})
        self.assertConforms(path)
        self.assertCounts(path, done.report)
