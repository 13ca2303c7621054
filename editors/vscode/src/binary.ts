// Which lockwright to run: the one that is set, else the workspace's own, else the one on PATH.
//
// A workspace that is not trusted gets nothing of its own run: opening a folder must not start a program that lies in it.
import * as fs from "node:fs";
import * as path from "node:path";

/** What the search depends on. */
export interface Surroundings {
  /** Of the workspace, in its order. */
  readonly folders: readonly string[];
  /** Whether programs of the workspace may be run. */
  readonly trusted: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Whether a file is there that can be run. */
  isProgram(file: string): boolean;
}

export type Origin = "the setting lockwright.path" | "the workspace" | "PATH";

export type Search =
  | { readonly file: string; readonly origin: Origin }
  | { readonly file: undefined; readonly problem: string };

const hint = "Say where it is in the setting lockwright.path, or put it on PATH.";

/** Where a workspace has it, nearest first: as a dependency of the project, or in a clone of Lockwright. */
const inWorkspace = [".venv/bin", "venv/bin", "node_modules/.bin", "build/release", "scripts"];
const inWorkspaceOnWindows = [".venv/Scripts", "venv/Scripts", "build/release"];

/** The program to run, or why there is none. `setting` is lockwright.path. */
export function findBinary(setting: string, around: Surroundings): Search {
  const wanted = setting.trim();
  if (wanted !== "") return findSetting(wanted, around);

  const { join } = pathsOf(around);
  const places = around.platform === "win32" ? inWorkspaceOnWindows : inWorkspace;
  for (const folder of around.trusted ? around.folders : []) {
    for (const place of places) {
      const file = join(folder, ...place.split("/"), programName(around));
      if (around.isProgram(file)) return { file, origin: "the workspace" };
    }
  }
  const file = onPath(programName(around), around);
  if (file !== undefined) return { file, origin: "PATH" };
  const where = around.trusted ? "neither in the workspace nor on PATH" : "not on PATH, and the workspace is not trusted";
  return { file: undefined, problem: `Lockwright was not found: it is ${where}. ${hint}` };
}

function findSetting(setting: string, around: Surroundings): Search {
  const paths = pathsOf(around);
  for (const [index, folder] of (around.folders.length > 0 ? around.folders : [undefined]).entries()) {
    const expanded = expandVariables(setting, folder, around);
    const isBareName = !/[/\\]/.test(expanded);
    if (isBareName && index > 0) break;
    const file = isBareName
      ? onPath(expanded, around)
      : paths.isAbsolute(expanded) || folder === undefined
        ? expanded
        : paths.join(folder, expanded);
    if (file !== undefined && around.isProgram(file)) return { file, origin: "the setting lockwright.path" };
  }
  return { file: undefined, problem: `The setting lockwright.path says ${setting}, and no program is there.` };
}

/** A setting's text with `~`, `${workspaceFolder}` and `${env:NAME}` replaced; what is not known becomes nothing. */
export function expandVariables(
  text: string,
  folder: string | undefined,
  around: Pick<Surroundings, "environment" | "home">,
): string {
  return text
    .replace(/^~(?=$|[/\\])/, () => around.home)
    .replace(/\$\{workspaceFolder\}/g, () => folder ?? "")
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => around.environment[name] ?? "");
}

function onPath(name: string, around: Surroundings): string | undefined {
  const paths = pathsOf(around);
  const key = Object.keys(around.environment).find((each) =>
    around.platform === "win32" ? each.toUpperCase() === "PATH" : each === "PATH",
  );
  // A relative entry is the working directory's affair, which is none of the user's choosing here.
  const folders = (key === undefined ? "" : (around.environment[key] ?? "")).split(paths.delimiter);
  return folders
    .filter((folder) => paths.isAbsolute(folder))
    .map((folder) => paths.join(folder, name))
    .find((file) => around.isProgram(file));
}

function programName(around: Surroundings): string {
  return around.platform === "win32" ? "lockwright.exe" : "lockwright";
}

function pathsOf(around: Surroundings): path.PlatformPath {
  return around.platform === "win32" ? path.win32 : path.posix;
}

/** Whether a file of this machine can be run. */
export function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
