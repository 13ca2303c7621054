import assert from "node:assert/strict";
import { test } from "node:test";
import { isRuleName, rulesOf } from "../src/rules";

test("rules are taken from Lockwright's diagnostics alone, each once", () => {
  const diagnostics = [
    { source: "lockwright", code: { value: "LW102", target: "x" } },
    { source: "pylint", code: "W0611" },
    { source: "Lockwright", code: "LW301" },
    { source: "lockwright", code: "LW102" },
    { source: "lockwright", code: "configuration" },
    { source: "lockwright" },
  ];
  assert.deepEqual(rulesOf(diagnostics), ["LW102", "LW301"]);
});

test("what cannot be a rule is not passed on as an argument", () => {
  assert.equal(isRuleName("LW102"), true);
  assert.equal(isRuleName("nested-same-file-lock"), true);
  for (const text of ["", "--output-file", "../x", "LW102 x", "LW102\n"]) assert.equal(isRuleName(text), false, text);
});
