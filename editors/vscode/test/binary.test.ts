import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { type Surroundings, expandVariables, findBinary, isProgram } from "../src/binary";

/** A machine on which these files are programs. */
function machine(programs: string[], rest: Partial<Surroundings> = {}): Surroundings {
  return {
    folders: ["/notes"],
    trusted: true,
    environment: { PATH: "/usr/local/bin:/usr/bin" },
    platform: "linux",
    home: "/home/ada",
    isProgram: (file) => programs.includes(file),
    ...rest,
  };
}

function found(setting: string, around: Surroundings): string {
  const search = findBinary(setting, around);
  return search.file ?? search.problem;
}

test("the setting wins over the workspace, and the workspace over PATH", () => {
  const around = machine(["/opt/lockwright", "/notes/.venv/bin/lockwright", "/usr/bin/lockwright"]);
  assert.deepEqual(findBinary("/opt/lockwright", around), {
    file: "/opt/lockwright",
    origin: "the setting lockwright.path",
  });
  assert.deepEqual(findBinary("", around), { file: "/notes/.venv/bin/lockwright", origin: "the workspace" });
  assert.deepEqual(findBinary("  ", machine(["/usr/bin/lockwright"])), { file: "/usr/bin/lockwright", origin: "PATH" });
});

test("a setting that leads nowhere is an error, not a reason to look elsewhere", () => {
  const search = findBinary("/opt/lockwright", machine(["/usr/bin/lockwright"]));
  assert.equal(search.file, undefined);
  assert.match(found("/opt/lockwright", machine(["/usr/bin/lockwright"])), /lockwright\.path says \/opt\/lockwright/);
});

test("the setting may use the home, the workspace folder, the environment, a relative path or a bare name", () => {
  const environment = { PATH: "/usr/bin", TOOLS: "/tools" };
  for (const [setting, file] of [
    ["~/bin/lockwright", "/home/ada/bin/lockwright"],
    ["${workspaceFolder}/bin/lockwright", "/notes/bin/lockwright"],
    ["${env:TOOLS}/lockwright", "/tools/lockwright"],
    ["bin/lockwright", "/notes/bin/lockwright"],
    ["./bin/lockwright", "/notes/bin/lockwright"],
    ["lockwright-next", "/usr/bin/lockwright-next"],
  ] as const) {
    assert.equal(found(setting, machine([file], { environment })), file, setting);
  }
});

test("every folder of the workspace is looked through, in order", () => {
  const folders = ["/one", "/two"];
  assert.equal(found("", machine(["/two/build/release/lockwright"], { folders })), "/two/build/release/lockwright");
  assert.equal(found("bin/lw", machine(["/two/bin/lw"], { folders })), "/two/bin/lw");
  const both = machine(["/one/scripts/lockwright", "/two/.venv/bin/lockwright"], { folders });
  assert.equal(found("", both), "/one/scripts/lockwright");
});

test("a project's dependency comes before a clone's own build, and that before the script that builds it", () => {
  const files = ["node_modules/.bin", "build/release", "scripts"].map((place) => `/notes/${place}/lockwright`);
  for (let first = 0; first < files.length; ++first) {
    assert.equal(found("", machine(files.slice(first).reverse())), files[first]);
  }
});

test("of a workspace that is not trusted nothing is run", () => {
  const inWorkspace = machine(["/notes/.venv/bin/lockwright"], { trusted: false });
  assert.match(found("", inWorkspace), /not on PATH, and the workspace is not trusted/);
  const onPath = machine(["/notes/.venv/bin/lockwright", "/usr/bin/lockwright"], { trusted: false });
  assert.equal(found("", onPath), "/usr/bin/lockwright");
});

test("without folders and without PATH there is none", () => {
  assert.match(found("", machine([], { folders: [], environment: {} })), /neither in the workspace nor on PATH/);
});

test("a relative entry of PATH is passed over", () => {
  const environment = { PATH: ".::/usr/bin" };
  assert.match(found("", machine(["lockwright", "./lockwright"], { folders: [], environment })), /not found/);
});

test("on Windows", () => {
  const windows = { platform: "win32", folders: ["C:\\notes"], environment: { Path: "C:\\bin;C:\\tools" } } as const;
  assert.equal(
    found("", machine(["C:\\notes\\.venv\\Scripts\\lockwright.exe"], windows)),
    "C:\\notes\\.venv\\Scripts\\lockwright.exe",
  );
  assert.equal(found("", machine(["C:\\tools\\lockwright.exe"], windows)), "C:\\tools\\lockwright.exe");
});

test("variables that are not known become nothing, and text that looks like a replacement stays text", () => {
  const around = { environment: { MONEY: "$&" }, home: "/home/$1" };
  assert.equal(expandVariables("${workspaceFolder}/a${env:NONE}", undefined, around), "/a");
  assert.equal(expandVariables("~/${env:MONEY}~", "/notes", around), "/home/$1/$&~");
});

test("a program is a file that can be run", (context) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lockwright-"));
  context.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, "program"), "", { mode: 0o755 });
  fs.writeFileSync(path.join(folder, "text"), "", { mode: 0o644 });
  assert.equal(isProgram(path.join(folder, "program")), true);
  assert.equal(isProgram(path.join(folder, "text")), false);
  assert.equal(isProgram(folder), false);
  assert.equal(isProgram(path.join(folder, "missing")), false);
});
