import assert from "node:assert/strict";
import { test } from "node:test";
import { LastWords, startupProblem } from "../src/startup";

test("the last line is the last that says something, across chunks", () => {
  const words = new LastWords();
  assert.equal(words.line, "");
  words.add("starting\nlockwright: err");
  words.add(Buffer.from("or: bad\r\n\n"));
  assert.equal(words.line, "lockwright: error: bad");
});

test("of a program that talks on and on, the end is kept", () => {
  const words = new LastWords();
  for (let count = 0; count < 1000; ++count) words.add(`line ${count}\n`);
  assert.equal(words.line, "line 999");
});

test("a Lockwright from before the language server is told by what it says", () => {
  const said = "lockwright: error: unknown command 'server': command line: to check a path, say 'lockwright check server'";
  assert.match(startupProblem("/bin/lockwright", said, new Error("closed")), /without a language server: it needs an update/);
});

test("what the program said comes before what the connection says", () => {
  const said = "lockwright: error: cannot read lockwright.toml";
  assert.equal(startupProblem("/bin/lw", said, new Error("closed")), `/bin/lw did not start. It said: ${said}`);
  assert.equal(startupProblem("/bin/lw", "", new Error("spawn EACCES")), "/bin/lw did not start: spawn EACCES");
});
