// The entry in the status bar, beside the language: whether Lockwright runs, and which one.
import * as vscode from "vscode";

export type State =
  | { readonly is: "off" | "starting" }
  | { readonly is: "running"; readonly version: string; readonly file: string }
  | { readonly is: "failed"; readonly problem: string };

export class Status implements vscode.Disposable {
  readonly #item: vscode.LanguageStatusItem;

  constructor(selector: vscode.DocumentSelector) {
    this.#item = vscode.languages.createLanguageStatusItem("lockwright.status", selector);
    this.#item.name = "Lockwright";
    this.show({ is: "off" });
  }

  show(state: State): void {
    const item = this.#item;
    item.busy = state.is === "starting";
    item.severity =
      state.is === "failed" ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    item.command =
      state.is === "failed"
        ? { title: "Restart", command: "lockwright.restart" }
        : { title: "Show Output", command: "lockwright.showOutput" };
    switch (state.is) {
      case "off":
        item.text = "Lockwright is off";
        item.detail = "";
        break;
      case "starting":
        item.text = "Lockwright";
        item.detail = "starting";
        break;
      case "running":
        item.text = `Lockwright ${state.version}`.trim();
        item.detail = state.file;
        break;
      case "failed":
        item.text = "Lockwright does not run";
        item.detail = state.problem;
        break;
    }
  }

  dispose(): void {
    this.#item.dispose();
  }
}
