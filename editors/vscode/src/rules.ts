// Rules, as diagnostics and `lockwright rules` name them.

/** What `lockwright rules --output-format json` prints, as far as it is needed here. */
export type RuleListing = readonly { readonly id: string; readonly name: string; readonly summary: string }[];

/** A diagnostic, as far as it is needed here. */
interface Reported {
  readonly source?: string | undefined;
  readonly code?: string | number | { readonly value: string | number } | undefined;
}

/** Whether it can be a rule's id or name. What is not goes on no command line. */
export function isRuleName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(text);
}

/** The ids of Lockwright's rules among diagnostics, each once, in order. */
export function rulesOf(diagnostics: readonly Reported[]): string[] {
  const ids = diagnostics
    .filter(({ source }) => source?.toLowerCase() === "lockwright")
    .map(({ code }) => String(typeof code === "object" ? code.value : (code ?? "")));
  return [...new Set(ids.filter((id) => /^LW\d+$/.test(id)))]; // others are no rules: "configuration" says it cannot be read
}
