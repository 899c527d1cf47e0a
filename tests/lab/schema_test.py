"""docs/inventory.schema.json, for editors, says of an inventory what the loader says: both ways, key by key and kind by kind."""

import json
import re
import tomllib

import jsonschema

from bad_inventories_test import MISTAKES
from program import ROOT, LabTest, rule

SCHEMA = json.loads((ROOT / "docs/inventory.schema.json").read_text())
BASE = {"schema": 1, "groups": {"all": {}, "network": {}}, "targets": [{"address": "10.20.1.0/24"}]}
NO_KEY = "zzqxj"
# Values of every kind, most of them wrong in most places.
KINDS = [True, 7, -3, 2.5, 10**9, "zz", "", [], ["zz"], [7], [{}], {"zz": 1}]
EXPRESSIBLE = ("an unknown key is named with the one that was meant", "a wrong type", "no targets", "another schema",
               "a value out of its range", "a duration without a unit")


def toml(value):
    """A value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


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
    """The least table that has what this one requires; `without` a key that is one of two."""
    choices = [one["required"] for one in table.get("oneOf", [])]
    needed = [*table.get("required", []), *(choices[0] if choices and [without] not in choices else [])]
    if table.get("minProperties") and not without:
        needed = list(table["properties"])[-1:]
    return {key: resolved(table["properties"][key])["examples"][0] for key in needed if key != without}


def is_table(kind):
    return kind.get("type") == "object" or (kind.get("type") == "array" and all(is_table(item) for item in alternatives(kind["items"])))


def places(schema, path=()):
    """(path, schema) of every table and every value that has a name; `*` is a name of the user's choosing, 0 an item of a list."""
    for one in alternatives(schema):
        if one.get("type") == "array" and any(item.get("type") == "object" for item in alternatives(one["items"])):
            yield from places(one["items"], (*path, 0))
        if one.get("type") != "object" or "params" in path:
            continue
        yield path, one
        for key, member in one.get("properties", {}).items():
            if not all(is_table(kind) for kind in alternatives(member)):
                yield (*path, key), {**resolved(member), "leaf": True}
            yield from places(member, (*path, key))
        if isinstance(one.get("additionalProperties"), dict) and path != ("services",):
            yield from places(one["additionalProperties"], (*path, "all"))


def built(schema, path, value):
    """A value of the schema that has this one at the path, and else no more than it needs."""
    if not path:
        return value
    step, *rest = path
    for kind in alternatives(schema):
        if step == 0 and kind.get("type") == "array":
            return [built(kind["items"], rest, value)]
        if step != 0 and kind.get("type") == "object":
            member = kind["properties"][step] if "properties" in kind else kind["additionalProperties"]
            return {**least(kind, step), step: built(member, rest, value)}
    raise AssertionError(f"{step} is not in {schema}")


def put(path, value):
    """An inventory that has this value at the path."""
    made = built({**SCHEMA, "required": []}, path, value)
    if isinstance(made.get("groups"), dict):
        made["groups"] = {**BASE["groups"], **made["groups"]}
    return {**BASE, **made}


def name_of(path):
    return ".".join("[]" if step == 0 else "*" if step == "all" else step for step in path) or "the inventory"


class SchemaTest(LabTest):
    def setUp(self):
        super().setUp()
        jsonschema.Draft7Validator.check_schema(SCHEMA)
        self.validator = jsonschema.Draft7Validator(SCHEMA)
        for family in ("exposure", "ssh"):  # that the schema's example selects
            path = self.write(f"mine/{family}/quiet.lua", rule('    return info("x")', f"{family}.quiet", 'requires = "nothing"'))
        self.rules = path.parent.parent

    def loads(self, document):
        """What the loader says of a document, "" where it takes it."""
        text = document if isinstance(document, str) else "".join(f"{key} = {toml(value)}\n" for key, value in document.items())
        done = self.audit("plan", self.write("inventory.toml", text), "--rules", self.rules)
        self.assertIn(done.code, (0, 78), f"{text}\n{done}")
        return "" if done.code == 0 else done.err

    def fits(self, document):
        return "" if self.validator.is_valid(document) else jsonschema.exceptions.best_match(self.validator.iter_errors(document)).message

    def test_every_table_has_the_keys_that_the_loader_takes_and_no_other(self):
        self.assertEqual((self.loads(BASE), self.fits(BASE)), ("", ""))
        tables = [(path, schema) for path, schema in places(SCHEMA) if schema.get("additionalProperties") is False and "leaf" not in schema]
        self.assertGreaterEqual(len(tables), 13)
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

    def leaves(self):
        return [(path, schema) for path, schema in places(SCHEMA) if "leaf" in schema]

    def test_the_loader_takes_what_the_schema_gives_as_examples_of_every_kind(self):
        self.assertGreater(len(self.leaves()), 40)
        for path, schema in self.leaves():
            with self.subTest(name_of(path)):
                for kind in alternatives({key: value for key, value in schema.items() if key != "leaf"}):
                    if kind is not schema:
                        of_kind = jsonschema.Draft7Validator({**kind, "definitions": SCHEMA["definitions"]})
                        self.assertTrue(any(of_kind.is_valid(one) for one in schema["examples"]), f"{name_of(path)}: no example of {kind}")
                for example in schema["examples"]:
                    document = put(path, example)
                    self.assertEqual(self.fits(document), "", document)
                    self.assertEqual(self.loads(document), "", document)

    def test_what_the_loader_takes_the_schema_takes_too(self):
        taken, seen = 0, set()
        for path, schema in self.leaves():
            if (again := json.dumps(schema)) in seen and path[0] == "targets":
                continue  # the keys that groups and targets share
            seen.add(again)
            for value in KINDS:
                document = put(path, value)
                refused = self.fits(document)
                if refused:  # so must the loader
                    with self.subTest(name_of(path), value=value):
                        self.assertNotEqual(self.loads(document), "", f"the schema says {refused}: {document}")
                else:
                    taken += 1
        self.assertGreater(taken, 40)

    def test_every_inventory_that_is_shown_anywhere_fits_the_schema(self):
        shown = [path.read_text() for path in sorted((ROOT / "examples").glob("*.toml"))]
        for page in ("README.md", "rules/README.md"):
            shown += [text for text in re.findall(r"^```toml\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL) if "[[targets]]" in text]
        self.assertGreaterEqual(len(shown), 4)
        for text in shown:
            document = json.loads(json.dumps(tomllib.loads(text), default=str))  # dates are texts to a schema
            self.assertEqual(self.fits(document), "", text)

    def test_mistakes_that_a_schema_can_express_are_found_by_it(self):
        for what in EXPRESSIBLE:
            with self.subTest(what):
                self.assertNotEqual(self.fits(tomllib.loads(MISTAKES[what][0])), "")
