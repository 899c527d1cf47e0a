"""docs/inventory.schema.json, for editors, says of an inventory what the loader says: both ways, key by key and kind by kind."""

import datetime
import json
import os
import re
import subprocess
import tomllib

import jsonschema

from bad_inventories_test import MISTAKES
from processes import PATIENCE
from program import ROOT, LabTest, program, rule

SCHEMA = json.loads((ROOT / "docs/inventory.schema.json").read_text())
BASE = {"schema": 1, "groups": {"all": {}, "network": {}}, "zones": {"berlin": {"networks": ["10.20.0.0/16"]}},
        "credentials": {"hook": {"env": "HOOK_SECRET", "notify": True}}, "targets": [{"address": "10.20.1.0/24"}]}
NO_KEY = "zzqxj"
DAY = datetime.date(2026, 11, 2)
# Values of every kind, most of them wrong in most places; the first of each wherever the kind itself is wrong.
KINDS = {"boolean": [True], "integer": [7, -3, 10**9], "number": [2.5], "string": ["zz", "", DAY, datetime.datetime(2026, 11, 2, 7)],
         "array": [[], ["zz"], [7], [{}]], "object": [{"zz": 1}], "date": [DAY]}
EXPRESSIBLE = ("an unknown key is named with the one that was meant", "a wrong type", "another schema", "a value out of its range",
               "a duration without a unit", "a waiver that nobody answers for", "a source of no format",
               "a credential in two places", "a certificate that may be any")
# What a source of each format holds.
HOSTS = {"text": "10.20.2.1\n", "csv": "address\n10.20.2.1\n", "ansible": '{"all": {"hosts": ["10.20.2.1"]}, "_meta": {"hostvars": {}}}',
         "netbox": '{"count": 1, "next": null, "previous": null, "results": [{"address": "10.20.2.1/24"}]}'}


def toml(value):
    """A value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return value.isoformat() if isinstance(value, datetime.date) else json.dumps(value)


def plain(document):
    """As an editor shows it to a schema: dates are texts."""
    return json.loads(json.dumps(document, default=lambda date: date.isoformat()))


def meant(schema, example):
    """An example as the inventory says it: a date, which JSON has no word for, is none in quotes."""
    return datetime.date.fromisoformat(example) if resolved(schema).get("format") == "date" else example


def resolved(schema):
    return SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def alternatives(schema):
    """The schemas of which a value has to fit one."""
    schema = resolved(schema)
    found = schema.get("oneOf")
    if found is None or any(set(one) == {"required"} for one in found):
        return [schema]
    return [deeper for one in found for deeper in alternatives(one)]


def least(table, without=""):
    """The least table that has what this one requires; `without` a key that is written besides."""
    needed = [*table.get("required", []), *table.get("dependencies", {}).get(without, [])]
    choices = choices_of(table)
    if choices and not any(set(choice) <= {*needed, without} for choice in choices):
        needed += choices[0]
    if table.get("minProperties") and not without:
        needed = list(table["properties"])[-1:]
    return {key: example_of(table, key) for key in needed if key != without}


def choices_of(table):
    """Sets of keys, of which a table has to have one."""
    return [one["required"] for one in table.get("oneOf", table.get("anyOf", []))]


def example_of(table, key):
    return meant(table["properties"][key], resolved(table["properties"][key])["examples"][0])


def lacking(table):
    """Tables that each lack one thing which this one requires."""
    whole = least(table)
    for key in table.get("required", []):
        yield {name: value for name, value in whole.items() if name != key}
    if choices := choices_of(table):
        yield {key: value for key, value in whole.items() if key not in choices[0]}
    if "oneOf" in table:  # and not two of them
        yield {**whole, **{key: example_of(table, key) for choice in choices for key in choice}}
    for key, needed in table.get("dependencies", {}).items():
        yield {**whole, key: example_of(table, key)}
        assert not set(needed) & set(whole), f"{needed} is always there: what requires it is not tested"
    if table.get("minProperties"):
        yield {}


def is_table(kind):
    return kind.get("type") == "object" or (kind.get("type") == "array" and all(is_table(item) for item in alternatives(kind["items"])))


def tables_of(items):
    """The kinds of tables that a list may hold."""
    return [item for item in alternatives(items) if item.get("type") == "object"]


def places(schema, path=()):
    """(path, what, schema) of each "table", of each "value" that has a name and of each "section", the name of tables;
    `*` is a name of the user's choosing, a number an item of a list: which of the kinds of tables that it may hold."""
    for one in alternatives(schema):
        for number, item in enumerate(tables_of(one["items"]) if one.get("type") == "array" else []):
            yield from places(item, (*path, number))
        if one.get("type") != "object" or "params" in path:
            continue
        yield path, "table", one
        members = {(*path, key): member for key, member in one.get("properties", {}).items()}
        if isinstance(one.get("additionalProperties"), dict) and path != ("services",):
            members[(*path, "all")] = one["additionalProperties"]
        for below, member in members.items():
            yield below, "section" if all(is_table(kind) for kind in alternatives(member)) else "value", resolved(member)
            yield from places(member, below)


def built(schema, path, value):
    """A value of the schema that has this one at the path, and else no more than it needs."""
    if not path:
        return value
    step, *rest = path
    for kind in alternatives(schema):
        if isinstance(step, int) and kind.get("type") == "array":
            return [built(tables_of(kind["items"])[step], rest, value)]
        if not isinstance(step, int) and kind.get("type") == "object":
            member = kind["properties"][step] if "properties" in kind else kind["additionalProperties"]
            return {**least(kind, step), step: built(member, rest, value)}
    raise AssertionError(f"{step} is not in {schema}")


def put(path, value):
    """An inventory that has this value at the path."""
    made = built(SCHEMA, path, value)
    for key in ("groups", "zones"):  # that other tables name
        if isinstance(made.get(key), dict):
            made[key] = {**BASE[key], **made[key]}
    return {**BASE, **made}


def name_of(path):
    return ".".join("[]" if isinstance(step, int) else "*" if step == "all" else step for step in path) or "the inventory"


def once(found):
    """Without the repetitions of what tables share: a key of one name and one schema."""
    seen = set()
    for path, schema in found:
        if (same := (path[-1:], json.dumps(schema))) not in seen:
            seen.add(same)
            yield path, schema


def values_for(schema):
    """One value of each kind, all that there are of a kind that the schema takes, and those that are just out of its range."""
    takes = [one.get("type", "string" if "enum" in one else "integer") for one in alternatives(schema)]
    values = [value for kind, values in KINDS.items() for value in (values if kind in takes else values[:1])]
    return values + [end - 1 for end in ends(schema, "minimum")] + [end + 1 for end in ends(schema, "maximum")]


def ends(schema, which):
    return [one[which] for one in alternatives(schema) if which in one]


class SchemaTest(LabTest):
    def setUp(self):
        super().setUp()
        jsonschema.Draft7Validator.check_schema(SCHEMA)
        self.validator = self.validator_of(SCHEMA)
        for family, name in (("exposure", "telnet-open"), ("ssh", "quiet")):  # that the schema's examples select and waive
            path = self.write(f"mine/{family}/{name}.lua", rule('    return info("x")', f"{family}.{name}", 'requires = "nothing"'))
        self.rules = path.parent.parent
        for name in ("groups.toml", "sites/berlin.toml"):  # and include
            self.write(name, "schema = 1\n")
        self.write("bin/ansible-inventory", "#!/bin/sh\nexec cat hosts.csv\n").chmod(0o755)  # and run
        self.environment = {**os.environ, "PATH": f"{self.directory}/bin:{os.environ['PATH']}"}
        self.program = program()

    @staticmethod
    def validator_of(schema):
        return jsonschema.Draft7Validator({**schema, "definitions": SCHEMA["definitions"]}, format_checker=jsonschema.FormatChecker(["date"]))

    def loads(self, document):
        """What the loader says of a document, "" where it takes it."""
        text = document if isinstance(document, str) else "".join(f"{key} = {toml(value)}\n" for key, value in document.items())
        if "sources" in document:
            self.write_hosts(document["sources"])
        command = [self.program, "plan", self.write("inventory.toml", text), "--rules", self.rules, "--allow-commands"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=self.environment)
        self.assertIn(done.returncode, (0, 78), f"{text}\n{done}")
        self.assertNotIn("runtime error:", done.stderr)
        return "" if done.returncode == 0 else done.stderr

    def write_hosts(self, sources):
        """The file of the schema's example, in the format that a source says it has."""
        forms = [one.get("format") for one in sources if isinstance(one, dict)] if isinstance(sources, list) else []
        form = next((form for form in forms if isinstance(form, str)), "csv")
        self.write("hosts.csv", HOSTS.get(form, HOSTS["csv"]))

    def fits(self, document):
        """What the schema says of a document, "" where it fits."""
        shown = plain(document)
        return "" if self.validator.is_valid(shown) else jsonschema.exceptions.best_match(self.validator.iter_errors(shown)).message

    def test_every_table_has_the_keys_that_the_loader_takes_and_no_other(self):
        self.assertEqual((self.loads(BASE), self.fits(BASE)), ("", ""))
        tables = [(path, schema) for path, schema in self.all_of("table") if schema.get("additionalProperties") is False]
        self.assertGreaterEqual(len(tables), 40)
        for path, schema in tables:
            document = put(path, {**least(schema), NO_KEY: 1}) if path else {**BASE, NO_KEY: 1}
            told = self.loads(document)
            self.assertNotEqual(self.fits(document), "", f"{name_of(path)}: the schema lets any key in")
            known = re.search(rf'unknown key "{NO_KEY}" in .*?; known here: (.*)', told)
            self.assertIsNotNone(known, f"{name_of(path)}: the loader has no such table: {told}")
            there, here = set(known[1].split(", ")), set(schema["properties"])
            with self.subTest(name_of(path)):
                self.assertEqual(sorted(there - here), [], f"{name_of(path)}: keys that the loader takes and docs/inventory.schema.json lacks")
                self.assertEqual(sorted(here - there), [], f"{name_of(path)}: keys of docs/inventory.schema.json that the loader does not take")

    @staticmethod
    def all_of(what):
        return [(path, schema) for path, kind, schema in places(SCHEMA) if kind == what]

    def test_every_key_is_described(self):
        for path, schema in self.all_of("value") + self.all_of("section"):
            self.assertTrue(schema.get("description") or path == ("params", "all"), f"{name_of(path)} says nothing of itself")

    def test_the_loader_takes_what_the_schema_gives_as_examples_of_every_kind(self):
        values = list(once(self.all_of("value")))
        self.assertGreater(len(values), 80)
        for path, schema in values:
            with self.subTest(name_of(path)):
                for kind in alternatives(schema):
                    if kind is not schema:
                        of_kind = self.validator_of(kind)
                        self.assertTrue(any(of_kind.is_valid(one) for one in schema["examples"]), f"{name_of(path)}: no example of {kind}")
                for example in [*schema["examples"], *ends(schema, "minimum"), *ends(schema, "maximum")]:
                    document = put(path, meant(schema, example))
                    self.assertEqual(self.fits(document), "", document)
                    self.assertEqual(self.loads(document), "", document)

    def test_a_word_out_of_a_few_is_one_of_those_that_the_loader_knows(self):
        choices = [(path, schema["enum"]) for path, schema in once(self.all_of("value")) if "enum" in schema]
        self.assertGreaterEqual(len(choices), 8)
        for path, words in choices:
            with self.subTest(name_of(path)):
                told = self.loads(put(path, NO_KEY))
                listed = re.search("known here: (.*)", told)
                known = listed[1].split(", ") if listed else set(re.findall(r'"(\w+)"', told)) - {NO_KEY}
                self.assertEqual(sorted(words), sorted(known), told)

    def test_what_the_loader_takes_the_schema_takes_too(self):
        refused, taken = [], 0
        for path, schema in once(self.all_of("value") + self.all_of("section")):
            for value in values_for(schema):
                why = self.fits(put(path, value))
                if why:  # so must the loader
                    refused.append((path, value, why))
                else:
                    taken += 1
        self.assertGreater(taken, 100)
        self.assertGreater(len(refused), 500)
        for path, value, why in refused[::round(PATIENCE)]:  # a sanitizer takes long to start: it is not asked all
            with self.subTest(name_of(path), value=value):
                self.assertNotEqual(self.loads(put(path, value)), "", f"the schema says {why}: {put(path, value)}")

    def test_what_the_schema_requires_the_loader_requires(self):
        tried = 0
        for path, schema in once(self.all_of("table")):
            for table in lacking(schema):
                tried += 1
                with self.subTest(name_of(path), table=table):
                    document = put(path, table)
                    self.assertNotEqual(self.fits(document), "", document)
                    self.assertNotEqual(self.loads(document), "", document)
        self.assertGreater(tried, 25)

    def test_a_date_in_quotes_is_a_mistake_that_a_schema_cannot_tell(self):
        dates = [(path, schema) for path, schema in self.all_of("value") if schema.get("format") == "date"]
        self.assertEqual([name_of(path) for path, _ in dates], ["waivers.[].starts", "waivers.[].expires", "attestations.[].date"])
        for path, schema in dates:
            with self.subTest(name_of(path)):
                text = put(path, schema["examples"][0])
                self.assertEqual(self.fits(text), "")
                self.assertIn("a date without quotes", self.loads(text))

    def test_a_file_that_another_includes_fits_though_it_names_no_target(self):
        part = {"schema": 1, "groups": {"servers": {"tags": ["linux"]}}}
        self.assertIn("no targets", self.loads(part))
        self.assertEqual(self.fits(part), "")

    def test_every_inventory_that_is_shown_anywhere_fits_the_schema(self):
        shown = [path.read_text() for path in sorted((ROOT / "examples").glob("*.toml"))]
        for page in ("README.md", "examples/README.md", "rules/README.md", "scripts/README.md"):
            shown += re.findall(r"^```toml\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
        shown = [text for text in shown if not re.match("# .*(taplo|/frameworks/.*).toml\n", text)]
        self.assertGreaterEqual(len(shown), 10)
        for text in shown:
            self.assertEqual(self.fits(tomllib.loads(text)), "", text)

    def test_mistakes_that_a_schema_can_express_are_found_by_it(self):
        for what in EXPRESSIBLE:
            with self.subTest(what):
                self.assertNotEqual(self.fits(tomllib.loads(MISTAKES[what][0])), "")
