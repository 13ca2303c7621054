// Why a server did not come up, said so that the user can do something about it.
import type { ChildProcess } from "node:child_process";

/** How a program ended, and what it said last. */
export class LastWords {
  #text = "";
  #end: string | undefined;
  #waiting: (() => void) | undefined;

  /** Listens to a program that has just been started. */
  listen(program: ChildProcess): void {
    program.stderr?.on("data", (chunk: Buffer) => this.add(chunk));
    program.once("close", (code, signal) => {
      this.#end = code === null ? `signal ${signal}` : `exit code ${code}`;
      this.#waiting?.();
    });
  }

  add(chunk: Buffer | string): void {
    this.#text = (this.#text + chunk.toString()).slice(-2000);
  }

  /** Waits until the program has ended and all that it said is there, but not for long. */
  async settle(milliseconds: number): Promise<void> {
    if (this.#end !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
      setTimeout(resolve, milliseconds);
    });
  }

  /** The last line that is not empty. */
  get line(): string {
    return this.#text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "").at(-1) ?? "";
  }

  /** "exit code 2", once it has ended. */
  get end(): string | undefined {
    return this.#end;
  }
}

/** What to say when `file` was started and did not answer as a language server. */
export function startupProblem(file: string, last: Pick<LastWords, "line" | "end">, error: unknown): string {
  if (/\bserver\b/.test(last.line) && /unknown|unexpected|expected|not recogni[sz]ed|invalid/i.test(last.line)) {
    return `${file} is a Lockwright without a language server: it needs an update. It said: ${last.line}`;
  }
  const ended = last.end === undefined ? "" : `, and ended with ${last.end}`;
  if (last.line !== "") return `${file} did not start as a language server${ended}. It said: ${last.line}`;
  if (ended !== "") return `${file} did not start as a language server${ended}, without a word.`;
  return `${file} did not start: ${error instanceof Error ? error.message : String(error)}`;
}
