"""The examples in rules/*/rule.md are tests: what a page promises is what is found, no less and no more."""

import concurrent.futures
import os
import pathlib
import tempfile
import unittest

import _lockwright
from _rule_pages import PageError, all_pages, compare, describe, parse_page

SECTIONS = (
    "What goes wrong",
    "How to repair it",
    "When it is fine to ignore",
    "What the rule does not see",
    "References",
    "More examples",
)

# What pages say is held against the release build. The sanitized one, which takes a fifth of a second for a start, shows with
# every third example that nothing of what the rules do is out of bounds.
STRIDE = 3 if os.environ.get("LOCKWRIGHT_SANITIZED") else 1


def check_example(page, example, directory, options=()):
    """Writes `example` into `directory` and compares. A run of its own: examples share module names."""
    example.write_to(directory)
    try:
        report = _lockwright.check(".", cwd=directory, select=[page.rule_id], options=options)
    except _lockwright.RunFailed as error:
        return compare(example, [], [str(error)])
    return compare(example, report.open(), report.notes)


class Pages(unittest.TestCase):
    """What can be said of a page without running anything."""

    def test_there_are_pages(self):
        self.assertTrue(all_pages())

    def test_title_is_id_and_name(self):
        for page in all_pages():
            with self.subTest(page.rule_name):
                self.assertRegex(page.title, rf"^LW\d{{3}} {page.rule_name}$")

    def test_every_section_is_there(self):
        for page in all_pages():
            with self.subTest(page.rule_name):
                order = [heading for heading in page.headings if heading in SECTIONS]
                self.assertEqual(list(SECTIONS), order)

    def test_there_is_a_bad_and_a_good_example(self):
        for page in all_pages():
            with self.subTest(page.rule_name):
                self.assertTrue(any(example.expected for example in page.examples), "no example expects a finding")
                self.assertTrue(any(not example.expected for example in page.examples), "no example is without one")

    def test_headings_of_examples_are_unique(self):
        for page in all_pages():
            with self.subTest(page.rule_name):
                headings = [example.heading for example in page.examples]
                self.assertEqual(sorted(set(headings)), sorted(headings))

    def test_examples_expect_the_pages_own_rule(self):
        for page in all_pages():
            for example in page.examples:
                for expectation in example.expected:
                    with self.subTest(page.rule_name, example=example.heading, line=expectation.line):
                        self.assertEqual(page.rule_id, expectation.rule)

    def test_python_compiles(self):
        for page in all_pages():
            for example in page.examples:
                for file in example.files:
                    if file.language == "python":
                        with self.subTest(page.rule_name, example=example.heading, file=file.name):
                            # So that a SyntaxError names the line of the page.
                            text = "\n" * (file.page_line - 1) + file.text
                            compile(text, str(page.path), "exec", dont_inherit=True)


class Examples(unittest.TestCase):
    @_lockwright.needs_binary
    def test_what_pages_say_is_what_is_found(self):
        for number, page in enumerate(all_pages()):
            with self.subTest(page.rule_name):
                self.check_page(page._replace(examples=page.examples[number % STRIDE :: STRIDE]))

    @_lockwright.needs_binary
    def test_c_and_cpp_read_without_clang_say_the_same(self):
        for page in all_pages():
            examples = [each for each in page.examples if any(file.language in ("c", "cpp") for file in each.files)]
            with self.subTest(page.rule_name):
                self.check_page(page._replace(examples=examples), ["--no-clang"])

    def check_page(self, page, options=()):
        with tempfile.TemporaryDirectory(prefix="lockwright-") as scratch:
            directories = [pathlib.Path(scratch, str(number)) for number in range(len(page.examples))]
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                outcomes = list(pool.map(lambda pair: check_example(page, *pair, options), zip(page.examples, directories)))
        failed = [outcome for outcome in outcomes if not outcome.fine]
        if failed:
            head = f"{len(failed)} of {len(outcomes)} examples of {page.rule_id} {page.rule_name} fail:"
            self.fail("\n\n".join([head, *(describe(outcome, page) for outcome in failed)]))


class Harness(unittest.TestCase):
    """The harness itself: it must fail when it should."""

    PATH = _lockwright.ROOT / "rules/some-rule/rule.md"
    PAGE = """# LW999 some-rule

## Bad

```python file=a.py
one()  # LW999
two()  # LW999 of two  # LW999 of another
three()  # not LW999: prose does not count
```

Words in between.

```python file=pkg/b.py
four()
```

```text
# LW999 in a text fence
```

### fn_not yet

```python
five()
```
"""

    def page(self, text=PAGE):
        return parse_page(self.PATH, text)

    def finding(self, path, line, message="of one", rule="LW999"):
        return _lockwright.Finding(path, line, 1, rule, "some-rule", message, "f", "open", ())

    def test_a_heading_begins_an_example(self):
        page = self.page()
        self.assertEqual("LW999", page.rule_id)
        self.assertEqual(["Bad", "fn_not yet"], [example.heading for example in page.examples])
        self.assertEqual(["a.py", "pkg/b.py"], [file.name for file in page.examples[0].files])
        self.assertEqual(["example.py"], [file.name for file in page.examples[1].files])
        self.assertEqual(["", "fn"], [example.known_limit for example in page.examples])
        self.assertEqual(6, page.examples[0].files[0].page_line)

    def test_comments_are_those_of_the_language(self):
        text = "# LW999 some-rule\n```ts\na();  // LW999\nb();  # LW999\n```\n```json file=tsconfig.json\n{} // LW999\n```\n"
        example = self.page(text).examples[0]
        self.assertEqual(["example.ts", "tsconfig.json"], [file.name for file in example.files])
        self.assertEqual([("example.ts", 1)], [(each.file, each.line) for each in example.expected])
        names = [self.page(f"# A\n```{fence}\na();\n```\n").examples[0].files[0].name for fence in ("js", "tsx", "typescript")]
        self.assertEqual(["example.js", "example.tsx", "example.ts"], names)

    def test_expectations_are_comments_on_their_line(self):
        example = self.page().examples[0]
        self.assertEqual(
            [("a.py", 1, ""), ("a.py", 2, "of two"), ("a.py", 2, "of another")],
            [(each.file, each.line, each.part) for each in example.expected],
        )

    def test_all_found_is_fine(self):
        example = self.page().examples[0]
        findings = [
            self.finding("a.py", 1),
            self.finding("a.py", 2, "this is of another"),
            self.finding("a.py", 2, "this is of two"),
        ]
        self.assertTrue(compare(example, findings).fine)

    def test_what_is_missing_and_what_is_unexpected_is_shown_at_its_line(self):
        page = self.page()
        findings = [self.finding("a.py", 3, "no lock here"), self.finding("a.py", 2, "this is of two")]
        outcome = compare(page.examples[0], findings)
        self.assertFalse(outcome.fine)
        self.assertEqual(
            """Bad  (rules/some-rule/rule.md:3)

    a.py
       1 | one()  # LW999
         | ^ Missing: LW999
       2 | two()  # LW999 of two  # LW999 of another
         | ^ Missing: LW999 "of another"
       3 | three()  # not LW999: prose does not count
         | ^ Unexpected: LW999 no lock here""",
            describe(outcome, page),
        )

    def test_one_finding_does_not_answer_two_expectations(self):
        example = self.page("# LW999 some-rule\n```python\na()  # LW999  # LW999\n```\n").examples[0]
        self.assertEqual(1, len(compare(example, [self.finding("example.py", 1)]).missing))

    def test_a_file_that_does_not_parse_is_a_failure(self):
        self.assertFalse(compare(self.page().examples[1], [], ["example.py: syntax error"]).fine)

    def test_a_known_limit_that_is_gone_asks_for_its_name_to_be_changed(self):
        page = self.page()
        outcome = compare(page.examples[1], [self.finding("example.py", 1)])
        self.assertIn("take the prefix off", describe(outcome, page))

    def test_pages_that_cannot_be_understood_are_errors(self):
        for text in (
            "# A\n```python\na()\n",
            "```python\na()\n```\n",
            "# A\n```python file=../a.py\na()\n```\n",
            "# A\n```python name=a.py\na()\n```\n",
            "# A\n```python\na()\n```\n\n```python\nb()\n```\n",
        ):
            with self.subTest(text), self.assertRaises(PageError):
                self.page(text)


if __name__ == "__main__":
    unittest.main()
