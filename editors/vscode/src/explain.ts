// A rule's page, as `lockwright explain` prints it, shown as a rendered Markdown preview: what the program that runs
// here says, with no network.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { isRuleName, rulesOf, type RuleListing } from "./rules";
import { program, workingDirectory } from "./settings";

export const pageScheme = "lockwright-rule";
const timeout = 30_000; // milliseconds; it takes hundredths of a second

/** A document a rule: lockwright-rule:/LW102.md. */
export class RulePages implements vscode.TextDocumentContentProvider {
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const rule = uri.path.replace(/^\//, "").replace(/\.md$/, "");
    try {
      if (!isRuleName(rule)) throw new Error(`${rule} is no rule`);
      return await lockwright("explain", rule);
    } catch (error) {
      return `# ${rule}\n\nThe page of this rule could not be had: ${messageOf(error)}\n`;
    }
  }
}

export function pageOf(rule: string): vscode.Uri {
  return vscode.Uri.from({ scheme: pageScheme, path: `/${rule}.md` });
}

/** Makes the rule's id in a diagnostic a link to its page. */
export function linkToPages(diagnostics: vscode.Diagnostic[]): vscode.Diagnostic[] {
  for (const diagnostic of diagnostics) {
    const [rule] = rulesOf([diagnostic]);
    if (rule !== undefined) diagnostic.code = { value: rule, target: pageOf(rule) };
  }
  return diagnostics;
}

/** The command lockwright.explainRule: the given rule, the one at the cursor, or the one that is picked. */
export async function explainRule(given?: unknown): Promise<void> {
  try {
    const rule = typeof given === "string" && isRuleName(given) ? given : await pickRule();
    if (rule !== undefined) await vscode.commands.executeCommand("markdown.showPreview", pageOf(rule));
  } catch (error) {
    void vscode.window.showErrorMessage(`Lockwright's rules could not be read: ${messageOf(error)}`);
  }
}

async function pickRule(): Promise<string | undefined> {
  const here = rulesAtCursor();
  if (here.length === 1) return here[0];
  const listing = JSON.parse(await lockwright("rules", "--output-format", "json")) as RuleListing;
  const rules = listing.filter((rule) => here.length === 0 || here.includes(rule.id));
  const picked = await vscode.window.showQuickPick(
    rules.map((rule) => ({ label: rule.id, description: rule.name, detail: rule.summary })),
    { placeHolder: "Which rule?", matchOnDescription: true, matchOnDetail: true },
  );
  return picked?.label;
}

/** The rules of the findings on the cursor's line, or of those under the cursor where there are any. */
function rulesAtCursor(): string[] {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return [];
  const cursor = editor.selection.active;
  const all = vscode.languages.getDiagnostics(editor.document.uri);
  const under = rulesOf(all.filter((each) => each.range.contains(cursor)));
  return under.length > 0 ? under : rulesOf(all.filter((each) => each.range.start.line === cursor.line));
}

async function lockwright(...args: string[]): Promise<string> {
  const found = program();
  if (found.file === undefined) throw new Error(found.problem);
  const { stdout } = await promisify(execFile)(found.file, args, { cwd: workingDirectory(), timeout });
  return stdout;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
