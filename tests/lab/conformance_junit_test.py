"""JUnit XML: the schema of Ant's takes every report, and its counts are those of its testcases and of the run."""

import json
import subprocess
import xml.etree.ElementTree as ElementTree

import node_tools
import peers
import servers
from processes import find_program
from program import STATUSES, LabTest, rule, targets

BANNER = rule('    return fail("it says " .. target:banner(7000).text, { target:port(7000) })', "lab.banner", "ports = { 7000 }")


class ConformanceJunitTest(LabTest):
    def assertConforms(self, *paths):
        done = subprocess.run([find_program("xmllint"), "--noout", "--schema", node_tools.schema_of_others("junit.xsd"), *paths],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[:2000])

    def assertCounts(self, path, summary):
        counts = dict.fromkeys(STATUSES, 0)
        tests = 0
        for suite in ElementTree.parse(path).getroot():
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(attribute)), sum(case.find(element) is not None for case in cases), attribute)
            tests += len(cases)
            properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
            for status in STATUSES:
                counts[status] += int(properties[status])
        # Where nothing was planned, one case says so, as an error: an empty file would be taken for a success.
        self.assertEqual((tests, counts), (summary["planned"] or 1, {status: summary[status] for status in STATUSES}))

    def test_the_schema_takes_every_report_of_random_hostile_and_huge_records(self):
        self.assertConforms(*node_tools.reports("junit"))

    def test_every_report_counts_what_the_json_report_counts(self):
        for path in node_tools.reports("junit"):
            with self.subTest(path.stem):
                self.assertCounts(path, json.loads(node_tools.same_record(path).read_text())["summary"])

    def test_a_real_run_conforms_and_has_its_counts(self):
        path = self.directory / "run.xml"
        with servers.telnetd("127.0.0.11"), servers.nginx("127.0.0.13"):
            done = self.run_inventory(targets("127.0.0.11", "127.0.0.13", "127.0.0.14", head='select = "not dns.*"'),
                                      "--report", f"junit={path}")
        self.assertConforms(path)
        self.assertCounts(path, done.summary)
        with peers.hostile("127.0.0.20", 7000):
            done = self.run_inventory(targets("127.0.0.20"), "--report", f"junit={path}", rules={"lab/banner.lua": BANNER})
        self.assertConforms(path)
        self.assertCounts(path, done.summary)
