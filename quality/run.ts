/** `npm run quality`. README.md beside this file describes it; options.ts lists its flags. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { AfterimageError } from "afterimage";
import { writeFileWhole } from "afterimage/train/node";
import { CommanderError } from "commander";
import { runBounds } from "./bounds/run-bounds.ts";
import { CONTESTANTS } from "./contestants.ts";
import { doRun } from "./do-run.ts";
import { runFewLabels } from "./few-labels/run-few-labels.ts";
import { recallsInPercent } from "./markdown.ts";
import { withMethodRows } from "./method-rows.ts";
import { parseOptions, type QualityOptions } from "./options.ts";
import type { PictureSet } from "./picture-set.ts";
import { planRuns } from "./plan-runs.ts";
import { reportOf } from "./report.ts";
import { hasResult, type Result, readResults } from "./result.ts";
import { SETS, type SetEntry } from "./set-list.ts";

const BOUNDS_FILES = { results: "quality/bounds/results.json", figure: "docs/mutual-information.svg" };

const FEW_LABELS_FILES = { results: "quality/few-labels/results", page: "docs/few-labels.md" };

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), {
    methods: CONTESTANTS.map(({ name }) => name),
    sets: SETS.map(({ name }) => name),
  });
  if (options.bounds) return runBounds({ ...options, ...BOUNDS_FILES, log });
  if (options.fewLabels)
    return runFewLabels({
      ...options,
      ...FEW_LABELS_FILES,
      sets: setsFor(options),
      open: rememberedSets(options),
      log,
    });
  const failures = options.reportOnly ? [] : await doAll(options);
  log(`${options.report}: from ${await writeReport(options)} results`);
  for (const failure of failures) log(`failed: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

/**
 * Writes the report, and the rows of `methods.md` if that file is beside it. Returns the number of results.
 */
async function writeReport({ results: folder, report }: QualityOptions): Promise<number> {
  const results = await readResults(folder);
  await writeFileWhole(report, reportOf(results, CONTESTANTS));
  const methods = path.join(path.dirname(report), "methods.md");
  if (existsSync(methods))
    await writeFileWhole(methods, withMethodRows(await readFile(methods, "utf8"), results));
  return results.results.length;
}

/**
 * Does all missing runs, and writes the report after each. A failed run is listed at the end; the next call
 * tries it again.
 */
async function doAll(options: QualityOptions): Promise<string[]> {
  const runs = planRuns({
    sets: setsFor(options),
    contestants: contestantsFor(options),
    seeds: options.seeds,
    isDone: (run) => !options.force && hasResult(options.results, { ...run, minutes: options.minutes }),
  });
  const failures: string[] = [];
  const openSet = rememberedSets(options);
  log(`${runs.length} runs to do, ${options.minutes} minutes of training each`);
  for (const [turn, { set: entry, contestant, seed }] of runs.entries()) {
    const title = `${entry.name}/${contestant.name}-${seed}`;
    const tell = (line: string) => log(`${turn + 1} of ${runs.length}  ${title}: ${line}`);
    try {
      const done = await doRun(contestant, { set: await openSet(entry), seed, log: tell, ...options });
      tell("figures" in done ? figuresText(done.figures) : done.refused);
    } catch (error) {
      failures.push(`${title}: ${error instanceof Error ? error.message : error}`);
      tell(failures.at(-1)!);
    }
    await writeReport(options);
  }
  return failures;
}

function setsFor({ sets, fashionMnist }: QualityOptions): SetEntry[] {
  return SETS.filter((entry) => {
    if (sets !== null && !sets.includes(entry.name)) return false;
    const missing = entry.missing({ fashionMnist });
    if (missing === null) return true;
    if (sets === null) {
      log(`${entry.name} is left out: give ${missing}`);
      return false;
    }
    throw new AfterimageError("usage/value", {
      what: "this set cannot be opened",
      where: `--sets ${entry.name}`,
      todo: `Give ${missing}.`,
    });
  });
}

function contestantsFor({ methods, python }: QualityOptions) {
  const asked = CONTESTANTS.filter(({ name }) => methods === null || methods.includes(name));
  if (python !== null) return asked;
  const peers = asked.filter(({ group }) => group === "peer");
  if (peers.length > 0) log(`${peers.map(({ name }) => name).join(", ")}: left out without --python`);
  return asked.filter(({ group }) => group !== "peer");
}

/** Opens each set at its first use. */
function rememberedSets(places: QualityOptions): (entry: SetEntry) => Promise<PictureSet> {
  const opened = new Map<string, Promise<PictureSet>>();
  return (entry) => {
    const set = opened.get(entry.name) ?? entry.open(places);
    opened.set(entry.name, set);
    return set;
  };
}

function figuresText({ knn, linear, rankMe, copies, artists }: Result["figures"]): string {
  const accuracies = `kNN ${percent(knn)}, linear ${percent(linear)}, RankMe ${rankMe.toFixed(1)}`;
  return `${accuracies}, copies ${recallsInPercent(copies ?? null)}, artists ${recallsInPercent(artists ?? null)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0) log(error.message);
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  const isUsage = error instanceof AfterimageError && error.isUsage;
  log(isUsage ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = isUsage ? 2 : 1;
});
