/**
 * Every operator of the table in a browser, on both providers of ONNX Runtime for the web.
 *
 *     CHROMIUM=/path/to/chromium npm run check:browser -- [wasm] [webgpu] [--runs 4] [--only <operator>]…
 *
 * Without `CHROMIUM` it searches for the usual names. The exit status is 1 if an operator is wrong or a page
 * does not finish.
 */
import { parseArgs } from "node:util";
import { findChromium } from "./find-chromium.ts";
import type { Provider } from "./report.ts";
import { type Outcome, runInBrowser } from "./run-in-browser.ts";

const PROVIDERS: readonly Provider[] = ["wasm", "webgpu"];
/** Milliseconds, because one operator may take long in software. */
const PATIENCE = 1_200_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "4" }, only: { type: "string", multiple: true, default: [] } },
});
const runs = Number(values.runs);
const asked = PROVIDERS.filter((provider) => positionals.length === 0 || positionals.includes(provider));

const mark = (failure: string | null | undefined) =>
  failure === undefined ? "–" : failure === null ? "right" : "WRONG";

function print(outcomes: ReadonlyMap<Provider, Outcome>): void {
  const names = new Set([...outcomes.values()].flatMap(({ entries }) => [...entries.keys()]));
  const width = Math.max(8, ...[...names].map((name) => name.length));
  console.log(["operator".padEnd(width), ...outcomes.keys()].join("  "));
  for (const name of names) {
    const marks = [...outcomes].map(([provider, { entries }]) =>
      mark(entries.get(name)).padEnd(provider.length),
    );
    console.log([name.padEnd(width), ...marks].join("  ").trimEnd());
  }
  for (const [provider, { entries, unfinished }] of outcomes) {
    for (const [name, failure] of entries)
      if (failure !== null) console.log(`\n${name} on ${provider}: ${failure}`);
    const wrong = [...entries.values()].filter((failure) => failure !== null).length;
    const end = unfinished === null ? "" : `; it did not finish: ${unfinished}`;
    console.log(`\n${provider}: ${entries.size - wrong} right, ${wrong} wrong${end}`);
  }
}

const chromium = findChromium();
if (chromium === undefined) {
  console.error("no Chromium was found: set CHROMIUM to its path");
  process.exit(2);
}
const outcomes = new Map<Provider, Outcome>();
for (const provider of asked) {
  const onEntry = (name: string) => process.stderr.write(`${provider} ${name}\n`);
  const choices = { chromium, provider, runs, only: values.only, patience: PATIENCE, onEntry };
  outcomes.set(provider, await runInBrowser(choices));
}
print(outcomes);
const failed = ({ entries, unfinished }: Outcome) =>
  unfinished !== null || [...entries.values()].some((failure) => failure !== null);
process.exitCode = [...outcomes.values()].some(failed) ? 1 : 0;
