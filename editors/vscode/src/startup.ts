// Why a server did not come up, said so that the user can do something about it.

/** The last words of a program, of which it may have many. */
export class LastWords {
  #text = "";

  add(chunk: Buffer | string): void {
    this.#text = (this.#text + chunk.toString()).slice(-2000);
  }

  /** The last line that is not empty. */
  get line(): string {
    return this.#text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "").at(-1) ?? "";
  }
}

/** What to say when `file` was started and did not answer as a language server. */
export function startupProblem(file: string, lastWords: string, error: unknown): string {
  if (/\bserver\b/.test(lastWords) && /unknown|unexpected|expected|not recogni[sz]ed|invalid/i.test(lastWords)) {
    return `${file} is a Lockwright without a language server: it needs an update. It said: ${lastWords}`;
  }
  if (lastWords !== "") return `${file} did not start. It said: ${lastWords}`;
  const reason = error instanceof Error ? error.message : String(error);
  return `${file} did not start: ${reason}`;
}
