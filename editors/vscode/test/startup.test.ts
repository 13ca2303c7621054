import assert from "node:assert/strict";
import { spawn } from "node:child_process";
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
  const line = "lockwright: error: unknown command 'server': command line: to check a path, say 'lockwright check server'";
  const problem = startupProblem("/bin/lockwright", { line, end: "exit code 2" }, new Error("closed"));
  assert.match(problem, /without a language server: it needs an update/);
});

test("what the program said comes before how it ended, and that before what the connection says", () => {
  const closed = new Error("closed");
  const line = "lockwright: error: cannot read lockwright.toml";
  assert.match(startupProblem("/bin/lw", { line, end: "exit code 2" }, closed), /with exit code 2\. It said: lockwright: error/);
  assert.match(startupProblem("/bin/lw", { line: "", end: "signal SIGSEGV" }, closed), /with signal SIGSEGV, without a word/);
  assert.equal(startupProblem("/bin/lw", { line: "", end: undefined }, closed), "/bin/lw did not start: closed");
});

test("a program's end and its last words are waited for, those of one that goes on are not", async () => {
  const words = new LastWords();
  words.listen(spawn(process.execPath, ["-e", "console.error('bad news'); process.exitCode = 3"]));
  await words.settle(30_000);
  assert.deepEqual([words.line, words.end], ["bad news", "exit code 3"]);

  const going = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  const none = new LastWords();
  none.listen(going);
  await none.settle(10);
  assert.equal(none.end, undefined);
  going.kill();
});
