"""rules/models/*.json keep to their schema, and what the loader cannot know about them holds too."""

import json
import pathlib
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

MODELS = pathlib.Path(__file__).resolve().parents[2] / "rules" / "models"
SCHEMA = MODELS / "schema.json"


def model_files():
    return sorted(path for path in MODELS.glob("*.json") if path != SCHEMA)


def names(value):
    return [value] if isinstance(value, str) else value


def objects(value):
    """All JSON objects in a value, outermost first."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from objects(each)


@unittest.skipIf(jsonschema is None, "the Python package jsonschema is not installed")
class SchemaTest(unittest.TestCase):
    def setUp(self):
        schema = json.loads(SCHEMA.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def test_every_model_file_is_valid(self):
        for path in model_files():
            with self.subTest(path.name):
                model = json.loads(path.read_text())
                rows = model.pop("rows", [])
                self.assertEqual([], [error.message for error in self.validator.iter_errors(model)])
                for row in rows:  # one by one: the validator's words are about a row then
                    errors = [error.message for error in self.validator.iter_errors({"rows": [row]})]
                    self.assertEqual([], errors, row.get("callee") or row.get("method"))

    def test_mistakes_are_seen(self):
        good = {"callee": "f", "parameters": ["a"], "outcomes": [{"do": [{"op": "unlink", "file": "$a"}]}]}
        self.assertTrue(self.validator.is_valid({"rows": [good]}))
        for bad in (
            {"callee": "f"},
            {"method": "m", "returns": None},
            {**good, "method": "m", "on": "*"},
            {**good, "raise": "E"},
            {"callee": "f", "returns": "old"},
            {"callee": "f", "returns": {"field": "$a"}},
            {"callee": "f", "cases": []},
            {"callee": "f", "cases": [{"when": {"a": {"was": 1}}, "outcomes": []}]},
            {"callee": "f", "outcomes": [{"returns": None, "raises": "E"}]},
            {"callee": "f", "outcomes": [{"do": [{"op": "unlink"}]}]},
            {"callee": "f", "outcomes": [{"do": [{"op": "acquire", "handle": "new"}]}]},
            {"callee": "f", "outcomes": [{"do": [{"op": "probe"}]}]},
            {"callee": "f", "outcomes": [{"call": [{"when": "defer", "function": "$self"}]}]},
        ):
            with self.subTest(bad):
                self.assertFalse(self.validator.is_valid({"rows": [bad]}))


# What text is made into keeps its type (a Path of a text is the same file), so text is no closed class: a method that
# it does not have may be the path's. Rows still speak of it.
OPEN = {"builtins.str"}


class ConsistencyTest(unittest.TestCase):
    def each_model(self):
        return [json.loads(path.read_text()) for path in model_files()]

    def test_every_class_that_is_named_is_known(self):
        for model in self.each_model():
            types = {**model.get("types", {}), **dict.fromkeys(OPEN, [])}
            for bases in types.values():
                for base in names(bases):
                    self.assertIn(base, types)
            for row in model["rows"]:
                for receiver in names(row.get("on", [])):
                    self.assertIn(receiver, {*types, "*"}, row)
                for each in names(row.get("raises", [])):
                    self.assertIn(each, {*types, "?"}, row)
                for each in objects(row.get("cases", []) + row.get("outcomes", [])):
                    if "raises" in each:
                        self.assertIn(each["raises"], {*types, "?"}, row)
                returned = [row.get("type")]
                returned += [each.get("type") for each in objects(row.get("cases", []) + row.get("outcomes", []))]
                for each in returned:
                    if each not in (None, "$callee"):
                        self.assertIn(each, types, row)

    def test_an_alias_leads_to_something(self):
        for model in self.each_model():
            constants = {each["flag"] for each in objects(model["rows"]) if isinstance(each.get("flag"), str)}
            rows = {callee for row in model["rows"] for callee in names(row.get("callee", []))}
            for alias, target in model.get("aliases", {}).items():
                distinct = names(model.get("distinct", []))
                self.assertIn(target, {*model.get("types", {}), *rows, *constants, *distinct}, alias)
                self.assertNotIn(target, model["aliases"], alias)
                self.assertNotIn(alias, rows)

    def test_nothing_is_said_twice(self):
        for model in self.each_model():
            seen = set()
            for row in model["rows"]:
                keys = [("", callee) for callee in names(row.get("callee", []))]
                keys += [(receiver, method) for receiver in names(row.get("on", [])) for method in names(row.get("method", []))]
                for key in keys:
                    self.assertFalse(key in seen, key)
                    seen.add(key)

    def test_a_lock_that_can_be_refused_is_also_obtained(self):
        for model in self.each_model():
            for row in model["rows"]:
                for case in row.get("cases", [row]):
                    acquires = [
                        operation
                        for outcome in case.get("outcomes", [])
                        for operation in outcome.get("do", [])
                        if operation["op"] == "acquire"
                    ]
                    obtained = [each for each in acquires if not each.get("refused")]
                    refused = [each for each in acquires if each.get("refused")]
                    if refused:
                        self.assertTrue(obtained, row)
                    for each in refused:
                        self.assertIn({key: value for key, value in each.items() if key != "refused"}, obtained, row)


if __name__ == "__main__":
    unittest.main()
