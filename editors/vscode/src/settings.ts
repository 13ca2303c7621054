// What the user has set, and what of the machine and the workspace it is read against.
import * as os from "node:os";
import * as vscode from "vscode";
import { type Search, type Surroundings, expandVariables, findBinary, isProgram } from "./binary";

export const section = "lockwright";

export function isEnabled(): boolean {
  return vscode.workspace.getConfiguration(section).get("enable", true);
}

/** The program to run, or why there is none. */
export function program(): Search {
  return findBinary(vscode.workspace.getConfiguration(section).get("path", ""), surroundings());
}

/** What the server is told of the settings. */
export function serverSettings(): Record<string, unknown> {
  const settings = vscode.workspace.getConfiguration(section);
  const around = surroundings();
  return {
    configuration: expandVariables(settings.get("configuration", "").trim(), around.folders[0], around),
    select: settings.get<string[]>("select", []),
    ignore: settings.get<string[]>("ignore", []),
    exclude: settings.get<string[]>("exclude", []),
  };
}

/** Where the program runs: a relative path in the settings is the first folder's. */
export function workingDirectory(): string | undefined {
  return surroundings().folders[0];
}

function surroundings(): Surroundings {
  return {
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter((folder) => folder.uri.scheme === "file")
      .map((folder) => folder.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
    environment: process.env,
    platform: process.platform,
    home: os.homedir(),
    isProgram,
  };
}
