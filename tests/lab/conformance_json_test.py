"""docs/report.schema.json says of a JSON report what the program writes: of every record and run, and of nothing else."""

import json

import jsonschema

import node_tools
import peers
import servers
from program import ROOT, SEVERITIES, STATUSES, LabTest, reasons, rule

PATH = ROOT / "docs/report.schema.json"
SCHEMA = json.loads(PATH.read_text())
SAMPLE = ROOT / "examples/sample-report.json"
INVENTORY = """schema = 1
[audit]
name = "Lab"
[groups.lab]
tags = ["lab"]
expect.tcp = { sweep = "1-1024", allow = [22] }
[[targets]]
address = "127.0.0.20/31"
groups = ["lab"]
owner = "netops"
criticality = "high"
[[targets]]
address = "127.0.0.12"
groups = ["lab"]
[[targets]]
address = "192.0.2.1"
[[waivers]]
id = "W-1"
rule = "lab.banner"
targets = "127.0.0.20"
reason = "known"
approver = "j.doe"
starts = 2020-01-01
expires = 2099-01-31
[[attestations]]
control = "NIST-800-53/PE-3"
status = "pass"
by = "j.doe"
date = 2020-01-01
valid_for = "365d"
evidence = "DOC-77"
"""
BANNER = rule('    return fail("it says " .. target:banner(7000).text, { target:port(7000), note = { 0/0, {}, "x" } })', "lab.banner",
              "ports = { 7000 }")


def objects(value, path=()):
    """(path, object) of each object that the schema closes: what a probe or a rule put there is not among them."""
    if isinstance(value, dict):
        yield path, value
        for key, member in value.items():
            if key not in ("seen", "value", "controls") or (key == "controls" and isinstance(member, list)):
                yield from objects(member, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from objects(item, (*path, number))


def shortened(value):
    """The same with no more than a few items a list."""
    if isinstance(value, dict):
        return {key: shortened(member) for key, member in value.items()}
    return [shortened(item) for item in value[:5]] if isinstance(value, list) else value


def kind_of(path):
    return tuple("[]" if isinstance(step, int) else step for step in path)


def tables(schema, name="the report"):
    """(name, schema) of each object that is described, and of what is below it."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield name, schema
        for key, member in schema.items():
            yield from tables(member, key if key not in ("properties", "items", "$defs") else name)


class ConformanceJsonTest(LabTest):
    def setUp(self):
        super().setUp()
        self.validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))

    def assertFits(self, document):
        found = jsonschema.exceptions.best_match(self.validator.iter_errors(document))
        self.assertIsNone(found, found and f"{found.json_path}: {found.message[:500]}")

    def test_the_schema_is_one_and_every_member_says_what_it_is(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        found = list(tables(SCHEMA))
        self.assertGreaterEqual(len(found), 25)
        for name, schema in found:
            self.assertIs(schema.get("additionalProperties"), False, f"{name} lets anything in")
            if not set(schema["properties"]) <= {*STATUSES, *SEVERITIES} | {"asked", "sent", "shared", "evicted", "retried"} | \
                    set(SCHEMA["$defs"]["control"]["properties"]["state"]["enum"]):
                for key, member in schema["properties"].items():
                    self.assertTrue(member.get("description"), f"{name}: {key} says nothing of itself")

    def test_its_closed_sets_are_those_of_the_engine(self):
        self.assertEqual(set(SCHEMA["$defs"]["reason"]["enum"]), reasons())
        self.assertEqual(set(SCHEMA["$defs"]["status"]["enum"]), set(STATUSES))
        self.assertEqual(set(SCHEMA["$defs"]["severity"]["enum"]), set(SEVERITIES))

    def test_a_member_that_goes_or_is_renamed_or_comes_fails(self):
        sample = shortened(json.loads(SAMPLE.read_text()))
        self.assertFits(sample)
        seen, tried = set(), 0
        for path, members in list(objects(sample)):
            for key in list(members):
                if (kind_of(path), key) in seen:
                    continue
                seen.add((kind_of(path), key))
                tried += 1
                with self.subTest(path=kind_of(path), key=key):
                    kept = dict(members)
                    members[f"{key}_new"] = members.pop(key)
                    self.assertFalse(self.validator.is_valid(sample), "renamed")
                    del members[f"{key}_new"]
                    optional = any(set(kept) <= set(one["properties"]) and key not in one["required"] for _, one in tables(SCHEMA))
                    self.assertTrue(optional or not self.validator.is_valid(sample), "gone")
                    members.clear()
                    members.update(kept)
        self.assertGreater(tried, 180)

    def test_every_member_that_the_schema_knows_is_written_in_some_report(self):
        written = {key for name in ("sample.json", "hostile.json") for _, one in
                   objects(json.loads((node_tools.written_reports() / name).read_text())) for key in one}
        for name, schema in tables(SCHEMA):
            self.assertLessEqual(set(schema["properties"]) - {"observations_dropped"}, written, name)

    def test_ajv_takes_every_report_of_random_hostile_and_huge_records(self):
        self.assertEqual(node_tools.faults(PATH, *node_tools.reports("json")), {})

    def test_a_real_run_fits_and_what_ajv_refuses_is_told(self):
        with servers.sshd("127.0.0.12"), peers.hostile("127.0.0.20", 7000):
            done = self.run_inventory(INVENTORY, rules={"lab/banner.lua": BANNER})
        self.assertIsNotNone(done.report, done)
        self.assertFits(done.report)
        self.assertEqual(done.summary["waived"], 1, done)
        self.assertEqual(node_tools.faults(PATH, done.report_path), {})
        done.report["checks"][0]["verdict"] = done.report["checks"][0].pop("status")
        wrong = self.write("wrong.json", json.dumps(done.report))
        self.assertEqual(list(node_tools.faults(PATH, wrong)), [str(wrong)])
