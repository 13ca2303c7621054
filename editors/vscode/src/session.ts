// One server for the window: started when there is something to run, started again when it crashes, said so when it cannot.
import { type ChildProcess, spawn } from "node:child_process";
import * as vscode from "vscode";
import {
  type CloseHandlerResult,
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  State as ClientState,
} from "vscode-languageclient/node";
import { explainRule, linkToPages } from "./explain";
import { LastWords, startupProblem } from "./startup";
import { isEnabled, program, section, serverSettings, workingDirectory } from "./settings";
import type { Status } from "./status";

/** The languages that Lockwright reads, as VS Code names them. */
const languages = ["python", "typescript", "typescriptreact", "javascript", "javascriptreact", "c", "cpp"];
export const selector = languages.map((language) => ({ scheme: "file", language }));

/** The server's own command, in its code actions: it returns a rule's page, and to show that is the editor's part. */
const explainCommand = "lockwright.explain";

const maxCrashes = 4; // within crashPeriod; the next one is the last
const crashPeriod = 3 * 60 * 1000;

export class Session implements vscode.Disposable {
  readonly #status: Status;
  readonly #output: vscode.OutputChannel;
  #trace: vscode.OutputChannel | undefined;
  #client: LanguageClient | undefined;
  /** Starts and stops one after the other, however fast they are asked for. */
  #queue: Promise<void> = Promise.resolve();

  constructor(status: Status, output: vscode.OutputChannel) {
    this.#status = status;
    this.#output = output;
  }

  /** Stops the server if there is one, and starts it if it is wanted. Never rejects. */
  restart(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#stop()).then(() => this.#start()).catch((error: unknown) => {
      this.#fail(`Lockwright did not start: ${String(error)}`);
    });
    return this.#queue;
  }

  stop(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#stop());
    return this.#queue;
  }

  dispose(): void {
    this.#trace?.dispose();
  }

  async #start(): Promise<void> {
    if (!isEnabled()) return this.#status.show({ is: "off" });
    const found = program();
    if (found.file === undefined) return this.#fail(found.problem);

    this.#output.appendLine(`Starting ${found.file} server (from ${found.origin})`);
    this.#status.show({ is: "starting" });
    const lastWords = new LastWords();
    const client = new QuietClient(section, "Lockwright", () => run(found.file, lastWords), this.#options());
    try {
      await client.start();
      // It resolves, too, when the server ended before it had answered.
      if (client.state !== ClientState.Running) throw new Error("it ended before it had answered");
    } catch (error) {
      client.dispose().catch(() => undefined); // it never ran, and says so
      await lastWords.settle(500);
      return this.#fail(startupProblem(found.file, lastWords, error));
    }
    this.#client = client;
    const version = client.initializeResult?.serverInfo?.version ?? "";
    const show = (): void => this.#status.show({ is: "running", version, file: found.file });
    client.onDidChangeState(({ newState }) => {
      if (this.#client !== client) return;
      if (newState === ClientState.Running) show();
      if (newState === ClientState.Starting) this.#status.show({ is: "starting" });
    });
    show();
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#status.show({ is: "off" });
    try {
      await client?.dispose();
    } catch (error) {
      this.#output.appendLine(`The server did not stop as it should: ${String(error)}`);
    }
  }

  #options(): LanguageClientOptions {
    const crashes: number[] = [];
    const closed = (): CloseHandlerResult => {
      if (this.#client === undefined) return { action: CloseAction.DoNotRestart, handled: true }; // start() says why
      crashes.push(Date.now());
      const recent = crashes.filter((time) => Date.now() - time < crashPeriod).length;
      if (recent <= maxCrashes) return { action: CloseAction.Restart, handled: true };
      this.#client = undefined;
      this.#fail(`Lockwright has crashed ${recent} times in three minutes, and is not started again.`);
      return { action: CloseAction.DoNotRestart, handled: true };
    };
    this.#trace ??= vscode.window.createOutputChannel("Lockwright Trace");
    return {
      documentSelector: selector,
      diagnosticCollectionName: section,
      outputChannel: this.#output,
      traceOutputChannel: this.#trace,
      initializationOptions: serverSettings(), // later ones it asks for; which files to watch it says, too
      errorHandler: { error: () => ({ action: ErrorAction.Continue }), closed },
      initializationFailedHandler: () => false, // start() says why
      middleware: {
        workspace: {
          configuration: (parameters, token, next) =>
            parameters.items.every((item) => item.section === section)
              ? parameters.items.map(serverSettings)
              : next(parameters, token),
        },
        executeCommand: (command, args: unknown[], next) =>
          command === explainCommand ? explainRule(args[0]) : next(command, args),
        handleDiagnostics: (uri, diagnostics, next) => next(uri, linkToPages(diagnostics)),
        provideDiagnostics: async (document, previous, token, next) => {
          const report = await next(document, previous, token);
          if (report?.kind === "full") linkToPages(report.items);
          return report;
        },
        provideWorkspaceDiagnostics: (previous, token, take, next) =>
          next(previous, token, (chunk) => {
            for (const report of chunk?.items ?? []) if (report.kind === "full") linkToPages(report.items);
            take(chunk);
          }),
      },
    };
  }

  #fail(problem: string): void {
    this.#output.appendLine(problem);
    this.#status.show({ is: "failed", problem });
    const settings = "Open Settings";
    const output = "Show Output";
    void vscode.window
      .showErrorMessage(problem, settings, output)
      .then((answer) => {
        if (answer === settings) void vscode.commands.executeCommand("workbench.action.openSettings", "lockwright.path");
        if (answer === output) this.#output.show(true);
      });
  }
}

/** Writes down what goes wrong, and leaves it to the session to say what the user can do about it. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** The server's process; rejects if there can be none. */
function run(file: string, lastWords: LastWords): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const server = spawn(file, ["server"], { cwd: workingDirectory(), stdio: "pipe" });
    lastWords.listen(server);
    server.stdin.on("error", () => undefined); // it has ended: the connection's close tells
    server.once("error", reject);
    server.once("spawn", () => resolve(server));
  });
}
