// Bundles the extension into DIRECTORY/extension.js, or with --test every test/*.test.ts into build/vscode/test.
//
//   node build.mjs [DIRECTORY]     default: dist, where package.json's "main" looks
//   node build.mjs --test
import { readdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const [argument = "dist"] = process.argv.slice(2);
const testing = argument === "--test";
const outdir = resolve(here, testing ? "../../build/vscode/test" : argument);
if (testing) rmSync(outdir, { recursive: true, force: true });

const sources = testing
  ? readdirSync(resolve(here, "test")).filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`)
  : ["src/extension.ts"];

await build({
  absWorkingDir: here,
  entryPoints: sources,
  outdir,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20", // that of VS Code 1.91
  external: ["vscode"],
  minify: !testing,
  sourcemap: testing ? "inline" : false,
  outExtension: { ".js": testing ? ".cjs" : ".js" },
  legalComments: "none",
  logLevel: "warning",
});
