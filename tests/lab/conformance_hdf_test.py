"""HDF: Heimdall's schema takes every report, and its own library counts in it what the run counted."""

import json

import node_tools
import peers
import servers
from program import LabTest, rule, targets

BANNER = rule('    return fail("it says " .. target:banner(7000).text, { target:port(7000) })', "lab.banner", "ports = { 7000 }")


def expected(summary):
    """What Heimdall's words for the counts of a run are."""
    counts = {"Passed": summary["pass"], "Failed": summary["fail"], "Profile Error": summary["error"],
              "Not Reviewed": summary["not_reviewed"], "Not Applicable": summary["not_applicable"] + summary["informational"]}
    return {word: count for word, count in counts.items() if count}


class ConformanceHdfTest(LabTest):
    def assertConforms(self, *paths):
        self.assertEqual(node_tools.faults(node_tools.schema_of_others("hdf-exec.schema.json"), *paths), {})

    def test_heimdalls_schema_takes_every_report_of_random_hostile_and_huge_records(self):
        self.assertConforms(*node_tools.reports("hdf"))

    def test_heimdalls_library_counts_what_the_json_report_counts(self):
        paths = [path for path in node_tools.reports("hdf") if path.stem != "long"]
        counted = json.loads(node_tools.node("hdf_statuses.cjs", *paths))
        for path in paths:
            summary = json.loads(node_tools.same_record(path).read_text())["summary"]
            self.assertEqual(counted[str(path)], expected(summary), path.stem)

    def test_a_real_run_of_hostile_peers_conforms_and_has_its_counts(self):
        path = self.directory / "run.hdf"
        with servers.telnetd("127.0.0.11"), servers.nginx("127.0.0.13"):
            done = self.run_inventory(targets("127.0.0.11", "127.0.0.13", "127.0.0.14", head='select = "not dns.*"'),
                                      "--report", f"hdf={path}")
        self.assertConforms(path)
        self.assertEqual(json.loads(node_tools.node("hdf_statuses.cjs", path))[str(path)], expected(done.summary))
        with peers.hostile("127.0.0.20", 7000):
            self.run_inventory(targets("127.0.0.20"), "--report", f"hdf={path}", rules={"lab/banner.lua": BANNER})
        self.assertConforms(path)
