// Lockwright in VS Code: what is here starts the language server and shows what it says.
import * as vscode from "vscode";
import { RulePages, explainRule, pageScheme } from "./explain";
import { Session, selector } from "./session";
import { section } from "./settings";
import { Status } from "./status";

let session: Session | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Lockwright");
  const status = new Status(selector);
  const current = new Session(status, output);
  session = current;

  context.subscriptions.push(
    output,
    status,
    current,
    vscode.commands.registerCommand("lockwright.restart", () => current.restart()),
    vscode.commands.registerCommand("lockwright.showOutput", () => output.show(true)),
    vscode.commands.registerCommand("lockwright.explainRule", explainRule),
    vscode.workspace.registerTextDocumentContentProvider(pageScheme, new RulePages()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => current.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const needs = ["enable", "path"]; // the server asks for the others
      if (needs.some((name) => change.affectsConfiguration(`${section}.${name}`))) void current.restart();
    }),
  );
  await current.restart();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}
