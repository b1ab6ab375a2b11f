/** `npm run quality -- --text`: README.md beside the folder says what it does. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { writeFileWhole } from "afterimage/train/node";
import { readAddresses } from "./addresses.ts";
import { doTextRun, type TextTask, textTask } from "./do-text-run.ts";
import { parseTextOptions, type TextOptions } from "./options.ts";
import { plotOf } from "./plot.ts";
import { withTextResults } from "./report.ts";
import { hasTextResult, readTextResults, writeTextResult } from "./result.ts";
import { WAYS } from "./ways.ts";

/** @param words of the command line, as they stand. */
export async function runText(words: readonly string[], log: (line: string) => void): Promise<void> {
  const options = parseTextOptions(words);
  if (!options.reportOnly) await doAll(options, log);
  log(`${options.report}: from ${await writeReport(options)} results`);
}

/** Does the runs that are missing, vocabulary by vocabulary, and writes the report after each. */
async function doAll(options: TextOptions, log: (line: string) => void): Promise<void> {
  const { vocabularies, seed, results, force } = options;
  const ways = WAYS.filter(({ name }) => options.ways?.includes(name) ?? true);
  const all = vocabularies.flatMap((vocabulary) => ways.map((way) => ({ vocabulary, way })));
  const missing = all.filter(
    ({ vocabulary, way }) => force || !hasTextResult(results, { vocabulary, way: way.name, seed }),
  );
  log(`${missing.length} runs to do`);
  if (missing.length === 0) return;
  const addresses = await readAddresses(options.addresses);
  let task: TextTask | null = null;
  for (const [turn, { vocabulary, way }] of missing.entries()) {
    if (task?.size !== vocabulary) task = textTask(addresses, vocabulary);
    const done = await doTextRun(way, task, seed);
    await writeTextResult(results, done);
    await writeReport(options);
    const { perplexity, seconds } = done;
    log(
      `${turn + 1} of ${missing.length}  ${vocabulary} words, ${way.title}: ` +
        `perplexity ${perplexity.toFixed(1)}, ${seconds.processor.toFixed(0)} s`,
    );
  }
}

/** The results in the page, and the plot beside it; gives how many results they are from. */
async function writeReport({ results: folder, report }: TextOptions): Promise<number> {
  const results = await readTextResults(folder);
  if (results.length === 0) return 0;
  await writeFileWhole(path.join(path.dirname(report), "n-gram.svg"), plotOf(results));
  if (existsSync(report))
    await writeFileWhole(report, withTextResults(await readFile(report, "utf8"), results));
  return results.length;
}
