"""CSV: a parser that others wrote reads every report, in which no cell is a formula, and counts what the run counted."""

import csv
import json

import node_tools
import peers
from program import STATUSES, LabTest, rule, targets

BANNER = rule('    return fail("=it says " .. target:banner(7000).text, { target:port(7000) })', "lab.banner", "ports = { 7000 }")


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


class ConformanceCsvTest(LabTest):
    def assertCounts(self, path, summary):
        found = rows(path)
        for row in found:
            self.assertNotIn(None, row, "a row has more cells than the header")
            for cell in row.values():
                self.assertIsNotNone(cell, "a row has fewer cells than the header")
                self.assertNotIn(cell[:1], tuple("=+-@\t\r\n"))
        by_check = {row["check"]: row["check_status"] for row in found}
        self.assertEqual({status: list(by_check.values()).count(status) for status in STATUSES},
                         {status: summary[status] for status in STATUSES})
        self.assertEqual({status: sum(row["status"] == status for row in found) for status in STATUSES}, summary["results"])
        self.assertEqual(sum(row["status"] == "fail" and row["waiver"] != "" for row in found), summary["waived"])

    def test_every_report_of_random_hostile_and_huge_records_is_read_back(self):
        for path in node_tools.reports("csv"):
            with self.subTest(path.stem):
                self.assertCounts(path, json.loads(node_tools.same_record(path).read_text())["summary"])

    def test_a_real_run_of_a_hostile_peer_is_read_back(self):
        path = self.directory / "run.csv"
        with peers.hostile("127.0.0.20", 7000):
            done = self.run_inventory(targets("127.0.0.20"), "--report", f"csv={path}", rules={"lab/banner.lua": BANNER})
        self.assertCounts(path, done.summary)
        self.assertTrue(any(row["message"].startswith("'=it says ") for row in rows(path)))
