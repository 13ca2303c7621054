"""Examples in rule pages (rules/<name>/rule.md): found, written out as files, compared with what was found.

The syntax is described in README.md, "Examples in rule pages".
"""

import pathlib
import re
from typing import NamedTuple

from _lockwright import ROOT

#: Fence languages that are code to be checked: the file's name if the info string gives none, and how a
#: comment begins. Other fences (```text, ```console) are for people only, unless they name a file (```json
#: file=tsconfig.json): that is part of the project, and nothing is expected of it.
LANGUAGES = {
    "python": ("example.py", "#"),
    "typescript": ("example.ts", "//"),
    "ts": ("example.ts", "//"),
    "tsx": ("example.tsx", "//"),
    "javascript": ("example.js", "//"),
    "js": ("example.js", "//"),
    "jsx": ("example.jsx", "//"),
    "cpp": ("example.cpp", "//"),
    "c": ("example.c", "//"),
}

HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*$")
FENCE = re.compile(r"```(\S+)\s*(.*?)\s*$")
RULE = re.compile(r"LW\d{3}")


class PageError(Exception):
    """The page itself is wrong: an example that cannot be understood."""


class Expectation(NamedTuple):
    """`# LW101 part of the message`, at the end of a line."""

    file: str
    line: int
    rule: str
    part: str  # "" if any message will do

    def matches(self, finding):
        place = (finding.path, finding.line, finding.rule)
        return place == (self.file, self.line, self.rule) and self.part in finding.message


class File(NamedTuple):
    name: str
    language: str
    text: str
    page_line: int  # of the first line of the text, in the page


class Example(NamedTuple):
    """One heading's code: a small project."""

    heading: str
    page_line: int
    files: tuple[File, ...]
    expected: tuple[Expectation, ...]

    @property
    def known_limit(self):
        """"fn" or "fp" if the heading says that what is found here is not what should be, else ""."""
        match = re.match(r"(fn|fp)_", self.heading)
        return match.group(1) if match else ""

    def write_to(self, directory):
        for file in self.files:
            path = directory / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")


class Page(NamedTuple):
    path: pathlib.Path
    title: str
    headings: tuple[str, ...]
    examples: tuple[Example, ...]

    @property
    def rule_name(self):
        return self.path.parent.name

    @property
    def rule_id(self):
        return self.title.split()[0]


def all_pages():
    return [read_page(path) for path in sorted((ROOT / "rules").glob("*/rule.md"))]


def read_page(path):
    return parse_page(path, path.read_text(encoding="utf-8"))


def parse_page(path, text):
    headings = []  # (line, text)
    files = {}  # heading's line: list of File
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if match := HEADING.match(line):
            headings.append((number, match.group(2).replace("`", "")))
        elif line.startswith("```"):
            begin = number
            while number < len(lines) and lines[number] != "```":
                number += 1
            if number == len(lines):
                raise PageError(f"{path}:{begin}: this fence is not closed")
            match = FENCE.match(line)
            if match and (match.group(1) in LANGUAGES or match.group(2).startswith("file=")):
                if not headings:
                    raise PageError(f"{path}:{begin}: an example before the first heading")
                file = _file(path, begin, match.group(1), match.group(2), lines[begin:number])
                files.setdefault(headings[-1], []).append(file)
            number += 1
    title = headings[0][1] if headings else ""
    examples = tuple(_example(path, *heading, of_heading) for heading, of_heading in files.items())
    return Page(path, title, tuple(text for _, text in headings), examples)


def _file(path, page_line, language, info, lines):
    name = LANGUAGES[language][0] if language in LANGUAGES else ""
    if info:
        match = re.fullmatch(r"file=([\w./-]+)", info)
        if not match:
            raise PageError(f"{path}:{page_line}: info string '{info}' is not file=NAME")
        name = match.group(1)
    parts = pathlib.PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        raise PageError(f"{path}:{page_line}: {name} is outside the example")
    return File(name, language, "\n".join(lines) + "\n", page_line + 1)


def _example(path, page_line, heading, files):
    names = [file.name for file in files]
    for name in names:
        if names.count(name) > 1:
            raise PageError(f"{path}:{page_line}: '{heading}' has two files {name}: give them names with file=NAME, or "
                            "the second one a heading of its own")
    expected = [expectation for file in files for expectation in _expectations(file)]
    return Example(heading, page_line, tuple(files), tuple(expected))


def _expectations(file):
    if file.language not in LANGUAGES:
        return
    comment = re.escape(LANGUAGES[file.language][1])
    pattern = re.compile(rf"\s{comment}\s*(LW\d{{3}})\b[ \t]*(.*?)\s*(?=\s{comment}|$)")
    for number, line in enumerate(file.text.splitlines(), start=1):
        for match in pattern.finditer(line):
            yield Expectation(file.name, number, match.group(1), match.group(2))


class Outcome(NamedTuple):
    """An example against what was found in it."""

    example: Example
    missing: list[Expectation]
    unexpected: list  # findings
    notes: list[str]  # files that could not be read or parsed

    @property
    def fine(self):
        return not (self.missing or self.unexpected or self.notes)


def compare(example, findings, notes=()):
    """Every expectation takes one finding; what is left over on either side is wrong."""
    unexpected = list(findings)
    missing = []
    # Those with a part of the message choose first, so that a bare one beside them does not take theirs.
    for expectation in sorted(example.expected, key=lambda each: not each.part):
        taken = next((finding for finding in unexpected if expectation.matches(finding)), None)
        if taken is None:
            missing.append(expectation)
        else:
            unexpected.remove(taken)
    return Outcome(example, missing, unexpected, list(notes))


def describe(outcome, page):
    """One failed example for people: the heading, the files concerned with numbered lines, and below each line
    what is missing or unexpected there."""
    example = outcome.example
    text = [f"{example.heading}  ({page.path.relative_to(ROOT)}:{example.page_line})", ""]
    text += [f"    Note: {note}" for note in outcome.notes]
    for file in example.files:
        below = {}
        for expectation in outcome.missing:
            if expectation.file == file.name:
                part = f" \"{expectation.part}\"" if expectation.part else ""
                below.setdefault(expectation.line, []).append(f"Missing: {expectation.rule}{part}")
        for finding in outcome.unexpected:
            if finding.path == file.name:
                below.setdefault(finding.line, []).append(f"Unexpected: {finding.rule} {finding.message}")
        if not below and not outcome.notes:
            continue
        text.append(f"    {file.name}")
        for number, line in enumerate(file.text.splitlines(), start=1):
            text.append(f"    {number:4} | {line}".rstrip())
            indent = " " * (len(line) - len(line.lstrip()))
            text += [f"         | {indent}^ {mark}" for mark in below.get(number, [])]
        text.append("")
    names = {file.name for file in example.files}
    for finding in outcome.unexpected:
        if finding.path not in names:
            text.append(f"    Unexpected: {finding.path}:{finding.line}: {finding.rule} {finding.message}")
    if example.known_limit:
        text.append(f"    The heading begins with {example.known_limit}_: the comments say what is found today. If that "
                    "has become right,\n    take the prefix off the heading and correct the comments.")
    return "\n".join(text).rstrip()
