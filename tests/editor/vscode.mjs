// What a user of the extension sees and does, in a VS Code that runs in a browser:
//
//   node tests/editor/vscode.mjs TOOLS VSIX PICTURES      (scripts/test-editor calls it so)
//
// TOOLS has node_modules with code-server and playwright-core; $LOCKWRIGHT is the program. Every step waits for what a person
// would wait for, and a picture of it is kept. Ends with 0 if all was seen.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";

const [tools, vsix, pictures] = process.argv.slice(2).map((argument) => path.resolve(argument));
const lockwright = process.env.LOCKWRIGHT;
const { chromium } = createRequire(path.join(tools, "package.json"))("playwright-core");
const codeServer = path.join(tools, "node_modules/code-server/out/node/entry.js");
const patience = 20_000; // milliseconds until what should be seen has not been

// The project ------------------------------------------------------------------------------------------------------

const store = `import fcntl
import json


def save(path, session):
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        json.dump(session, handle)
        handle.flush()
`;
const locks = `import contextlib
import fcntl


@contextlib.contextmanager
def locked(path):
    with open(path, "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def load(path):
    with locked(path):
        return open(path).read()
`;
const agent = `from locks import load, locked


def update(path):
    with locked(path):
        return load(path)
`;
const session = `import * as fs from "node:fs";

export function acquire(lock: string, work: () => void): void {
  fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
  work();
  fs.unlinkSync(lock);
}
`;

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lockwright-editor-"));
const project = path.join(scratch, "notes");
const data = path.join(scratch, "data");
const extensions = path.join(scratch, "extensions");
const userSettings = path.join(data, "User/settings.json");

function write(name, text) {
  fs.mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
  fs.writeFileSync(path.join(project, name), text);
}

function onDisk(name) {
  return fs.readFileSync(path.join(project, name), "utf8");
}

function setForUser(settings) {
  fs.mkdirSync(path.dirname(userSettings), { recursive: true });
  const quiet = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
    "workbench.colorTheme": "Default Light Modern",
    "workbench.layoutControl.enabled": false,
    "chat.commandCenter.enabled": false,
    "window.commandCenter": false,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.ignoreRecommendations": true,
    "git.enabled": false,
    "files.autoSave": "off", // in a browser it is on
    "typescript.tsserver.enable": false,
    "editor.minimap.enabled": false,
    "editor.fontFamily": "DejaVu Sans Mono",
    "editor.occurrencesHighlight": "off",
    "editor.stickyScroll.enabled": false,
    "breadcrumbs.enabled": false,
  };
  fs.writeFileSync(userSettings, JSON.stringify({ ...quiet, ...settings }, null, 2));
}

function setForWorkspace(settings) {
  write(".vscode/settings.json", JSON.stringify(settings));
}

for (const [name, text] of Object.entries({
  ".vscode/settings.json": "{}",
  "lockwright.toml": "",
  "store.py": store,
  "locks.py": locks,
  "agent.py": agent,
  "session.ts": session,
})) {
  write(name, text);
}
setForUser({ "lockwright.path": lockwright, "lockwright.trace.server": "verbose" }); // for when a step fails

// VS Code ----------------------------------------------------------------------------------------------------------

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const environment = { ...process.env, XDG_CONFIG_HOME: scratch, XDG_DATA_HOME: scratch, XDG_CACHE_HOME: scratch };
const places = ["--user-data-dir", data, "--extensions-dir", extensions];

async function startServer(port) {
  execFileSync(process.execPath, [codeServer, ...places, "--install-extension", vsix], { env: environment });
  const log = fs.openSync(path.join(scratch, "code-server.log"), "w");
  const flags = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-workspace-trust", "--disable-telemetry"];
  const child = spawn(process.execPath, [codeServer, ...flags, "--disable-update-check", ...places, project], {
    env: environment,
    stdio: ["ignore", log, log],
    detached: true, // a group of its own, so that all of it ends
  });
  await until("code-server answers", async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => ({}))).ok);
  return child;
}

async function until(what, condition) {
  const deadline = Date.now() + patience;
  let last;
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${patience / 1000} s: ${what}${last ? ` (${last.message})` : ""}`);
}

// The person -------------------------------------------------------------------------------------------------------

let page;
let count = 0;

/** Says what was seen, and keeps a picture of it: of the page, or of the part that has these things. */
async function seen(what, name, ...things) {
  console.log(`  seen: ${what}`);
  const file = path.join(pictures, `${String(++count).padStart(2, "0")}-${name}.png`);
  await page.screenshot({ path: file, ...(things.length > 0 ? { clip: await partWith(things) } : {}) });
}

async function partWith(things) {
  const boxes = [];
  for (const thing of things) boxes.push(await thing.boundingBox());
  const { width, height } = page.viewportSize();
  const left = Math.max(0, Math.min(...boxes.map((box) => box.x)));
  const top = Math.max(0, Math.min(...boxes.map((box) => box.y)));
  const right = Math.min(width, Math.max(...boxes.map((box) => box.x + box.width)));
  const bottom = Math.min(height, Math.max(...boxes.map((box) => box.y + box.height)));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const squiggle = () => page.locator(".editor-instance .squiggly-error, .editor-instance .squiggly-warning").first();
const toast = (text) => page.locator(".notification-toast.notification-fade-in-done", { hasText: text });

async function openFile(name) {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
  await page.locator(".tab.active", { hasText: name }).waitFor();
  await page.locator(".editor-instance .view-line").first().waitFor();
}

async function goTo(line, column = 1) {
  await page.keyboard.press("Control+g");
  await page.keyboard.type(`${line}:${column}`);
  await page.keyboard.press("Enter");
  await page.locator(".editor-status-selection, #status\\.editor\\.selection", { hasText: `Ln ${line}, Col ${column}` }).waitFor();
}

async function runCommand(title) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
}

async function quickFix(title) {
  const menu = page.locator(".action-widget");
  await until(`a quick fix ${title}`, async () => {
    await page.keyboard.press("Control+.");
    return menu.filter({ hasText: title }).waitFor({ timeout: 2000 }).then(() => true);
  });
  const take = async () => {
    await until(`${title} is chosen`, async () => {
      if ((await menu.locator(".monaco-list-row.focused", { hasText: title }).count()) > 0) return true;
      await page.keyboard.press("ArrowDown");
      return false;
    });
    await page.keyboard.press("Enter");
  };
  return { menu, take };
}

async function save(name) {
  const before = onDisk(name);
  await page.keyboard.press("Control+s");
  await until(`${name} is saved`, () => onDisk(name) !== before);
}

const steps = {
  "a finding has a squiggle": async () => {
    await openFile("store.py");
    await squiggle().waitFor();
    await seen("the squiggle in store.py", "squiggle");
  },

  "the status bar says which Lockwright runs": async () => {
    await page.locator("#status\\.languageStatus").hover();
    const status = page.locator(".hover-language-status", { hasText: "Lockwright" }).first();
    await status.waitFor();
    const text = await page.locator(".monaco-hover:visible").last().innerText();
    assert.match(text, /Lockwright \d+\.\d+\.\d+/);
    assert.ok(text.includes(lockwright), text);
    await seen("the entry in the status bar", "status");
    await page.mouse.move(500, 300);
    await page.locator(".hover-language-status").first().waitFor({ state: "detached" });
  },

  "a hover shows the finding and its timeline": async () => {
    await squiggle().hover({ force: true }); // the text lies over it
    const hover = page.locator(".monaco-hover:visible", { hasText: "LW102" });
    await hover.waitFor();
    await until("the hover has the message and the rule's name", async () => {
      const text = await hover.innerText();
      return text.includes("is emptied when it is opened") && text.includes("truncating-open-before-lock");
    });
    await seen("the hover", "hover");
    await page.keyboard.press("Escape");
    await page.mouse.move(0, 0);
  },

  "the steps to a finding are listed, those in other files, too": async () => {
    await openFile("agent.py");
    await squiggle().waitFor();
    await until("the steps are listed", async () => {
      const text = await problems();
      return text.includes("locks.py") && text.includes("asks for flock on path again, through another open");
    });
    await page.locator(".editor-instance .view-lines").first().click({ position: { x: 200, y: 260 } });
    await goTo(6, 18);
    const fix = await quickFix("Suppress LW101");
    const parts = [".part.editor", ".part.panel"].map((part) => page.locator(part));
    await seen("the finding, its steps in two files, and what can be done", "steps", ...parts);
    await page.keyboard.press("Escape");
    await fix.menu.waitFor({ state: "hidden" });
    await page.locator(".markers-panel a", { hasText: "LW101" }).first().click({ modifiers: ["Control"] });
    await pageOf("nested-same-file-lock");
    await seen("the page behind the rule's id in the list", "link");
    await runCommand("View: Close Editor");
    await togglePanel();
    await openFile("store.py");
  },

  "the quick fix repairs the file": async () => {
    await goTo(6, 12);
    const fix = await quickFix("Open without truncating");
    await seen("the quick-fix menu", "quick-fix");
    await fix.take();
    await squiggle().waitFor({ state: "detached" });
    assert.equal(onDisk("store.py"), store, "nothing is saved but by the user");
    await save("store.py");
    assert.equal(onDisk("store.py"), repairedByCommandLine("store.py", store));
    assert.match(onDisk("store.py"), /handle\.truncate\(\)/);
    await seen("the repaired file, without a squiggle", "repaired");
  },

  "an unsaved edit brings the finding, and undo takes it": async () => {
    await goTo(6, 22);
    await page.keyboard.press("Shift+End");
    await page.keyboard.type('w") as handle:');
    await squiggle().waitFor();
    assert.doesNotMatch(onDisk("store.py"), /"w"/);
    await seen("the finding in what is typed", "typed");
    await until("undone", async () => {
      await page.keyboard.press("Control+z");
      return (await squiggle().count()) === 0;
    });
    await runCommand("File: Revert File");
    await page.locator(".tab.active:not(.dirty)").waitFor();
  },

  "an unsaved edit of a helper changes its caller": async () => {
    await openFile("agent.py");
    await squiggle().waitFor();
    const inExplorer = page.locator(".explorer-folders-view .monaco-list-row", { hasText: "agent.py" });
    await inExplorer.locator(".label-name, .monaco-icon-label").first().waitFor();
    await openFile("locks.py");
    await goTo(13, 5);
    await page.keyboard.press("Shift+End");
    await page.keyboard.type("if path:");
    await openFile("agent.py");
    await squiggle().waitFor({ state: "detached" });
    await seen("the caller without a finding", "caller");
    await openFile("locks.py");
    await runCommand("File: Revert File");
    await openFile("agent.py");
    await squiggle().waitFor();
  },

  "the rule's page is shown": async () => {
    await goTo(6, 18);
    await runCommand("Lockwright: Explain Rule");
    await pageOf("nested-same-file-lock");
    await seen("the page of LW101", "page");
    await runCommand("View: Close Editor");
  },

  "TypeScript is checked, too, and a comment accepts the finding": async () => {
    await openFile("session.ts");
    await squiggle().waitFor();
    await goTo(4, 5);
    const fix = await quickFix("Suppress LW301 here with a comment");
    await seen("the actions in session.ts", "typescript");
    await fix.take();
    await squiggle().waitFor({ state: "detached" });
    await save("session.ts");
    assert.match(onDisk("session.ts"), /\/\/ lockwright: ignore\[LW301\]/);
    await clearNotifications(); // this VS Code has no TypeScript of its own, and says so
  },

  "configuration that breaks is said in the editor, and the last one stays": async () => {
    await openFile("agent.py");
    await squiggle().waitFor();
    write("lockwright.toml", "ignore = LW101\n");
    await toast("configuration cannot be used; the last good one").waitFor();
    await openFile("lockwright.toml");
    await squiggle().waitFor();
    await seen("where the configuration is broken", "configuration");
    await openFile("agent.py");
    await squiggle().waitFor();
    write("lockwright.toml", 'ignore = ["LW101"]\n');
    await squiggle().waitFor({ state: "detached" });
    write("lockwright.toml", "");
    await squiggle().waitFor();
  },

  "a server that is killed comes back": async () => {
    const before = serverProcesses();
    assert.equal(before.length, 1);
    process.kill(before[0], "SIGKILL");
    await until("another server", () => serverProcesses().some((each) => each !== before[0]));
    await goTo(6, 18);
    const fix = await quickFix("Suppress LW101"); // it knows the open files
    await page.keyboard.press("Escape");
    await fix.menu.waitFor({ state: "hidden" });
  },

  "a program that is not there is said, and found once it is set": async () => {
    await clearNotifications();
    setForWorkspace({ "lockwright.path": "/nowhere/lockwright" });
    await toast("/nowhere/lockwright, and no program is there").waitFor();
    await squiggle().waitFor({ state: "detached" });
    await seen("what is said when the program is missing", "missing");
    await clearNotifications();
    setForWorkspace({ "lockwright.path": "/bin/false" });
    await toast("/bin/false did not start as a language server, and ended with exit code 1, without a word.").waitFor();
    assert.equal(await page.locator(".notification-toast").count(), 1, "it is said once");
    await seen("what is said when the program does not start", "not-started");
    await clearNotifications();
    setForWorkspace({});
    await squiggle().waitFor();
    assert.equal(serverProcesses().length, 1);
  },

  "switched off, it says nothing": async () => {
    setForWorkspace({ "lockwright.enable": false });
    await squiggle().waitFor({ state: "detached" });
    await until("no server", () => serverProcesses().length === 0);
    setForWorkspace({});
    await squiggle().waitFor();
  },
};

/** Waits until a rule's page is rendered: in a frame of its own. */
async function pageOf(rule) {
  await until(`the page of ${rule}`, async () => {
    for (const frame of page.frames()) {
      const heading = frame.locator("h1", { hasText: rule });
      if ((await heading.count()) > 0 && (await heading.first().isVisible())) return true;
    }
    return false;
  });
}

async function clearNotifications() {
  await runCommand("Notifications: Clear All Notifications");
  await page.locator(".notification-toast").first().waitFor({ state: "detached" });
}

/** What the Problems panel shows. */
async function problems() {
  const panel = page.locator(".markers-panel:visible");
  if ((await panel.count()) === 0) await page.keyboard.press("Control+Shift+m");
  await panel.waitFor();
  return panel.innerText();
}

async function togglePanel() {
  await page.keyboard.press("Control+j");
}

/** What `lockwright check --fix` makes of a file. */
function repairedByCommandLine(name, text) {
  const folder = fs.mkdtempSync(path.join(scratch, "repaired-"));
  fs.writeFileSync(path.join(folder, name), text);
  execFileSync(lockwright, ["check", "--fix", "--exit-zero", "--quiet", "."], { cwd: folder });
  return fs.readFileSync(path.join(folder, name), "utf8");
}

/** The process ids of language servers on this project. */
function serverProcesses() {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        const [program, command] = fs.readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
        return program === lockwright && command === "server" && fs.readlinkSync(`/proc/${id}/cwd`) === project;
      } catch {
        return false; // it has ended
      }
    })
    .map(Number);
}

fs.rmSync(pictures, { recursive: true, force: true });
fs.mkdirSync(pictures, { recursive: true });
let server;
let browser;
function endServer() {
  try {
    if (server) process.kill(-server.pid, "SIGTERM");
  } catch {
    // it has ended
  }
}
process.on("exit", endServer);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
let passed = 0;
let failed = 0;
try {
  const port = await freePort();
  server = await startServer(port);
  const quietly = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...quietly, "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  page = await browser.newPage({ viewport: { width: 1100, height: 640 } });
  page.setDefaultTimeout(patience);
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(project)}`);
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "store.py" }).waitFor();
  const only = process.env.STEPS ? new RegExp(process.env.STEPS) : /./;
  for (const [name, step] of Object.entries(steps).filter(([each]) => only.test(each))) {
    const began = Date.now();
    console.log(name);
    try {
      await step();
      ++passed;
      console.log(`  ok, ${((Date.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      ++failed;
      await seen("the failure", "failure").catch(() => undefined);
      console.log(`  FAILED: ${error.message}`);
      break; // the next steps begin where this one should have ended
    }
  }
} finally {
  await browser?.close();
  endServer();
  if (failed > 0) {
    console.log(`logs: ${scratch}`);
  } else {
    await new Promise((resolve) => setTimeout(resolve, 500)); // what it writes when it ends
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
