/** Trains encoders without labels, and uses few labels in four ways. */
import { existsSync } from "node:fs";
import { availableMemory, openSource, pretrain, scoreFewLabels } from "afterimage";
import { writeFileWhole } from "afterimage/train/node";
import { machine } from "../../bench/machine.ts";
import { labelsOf, type PictureSet } from "../picture-set.ts";
import { choicesFor } from "../recipe.ts";
import type { SetEntry } from "../set-list.ts";
import { type FewLabelsFile, fileOf, readFewLabels, writeFewLabels } from "./few-labels-file.ts";
import { fewLabelsPage } from "./few-labels-page.ts";

const AMOUNTS = ["1%", "10%"];
const METHOD = "simclr";
/** What four minutes on two quiet cores give (docs/quality.md). */
const EPOCHS: Readonly<Record<string, number>> = { emoji: 36, "fashion-mnist": 7 };

export interface RunFewLabelsOptions {
  sets: readonly SetEntry[];
  open(entry: SetEntry): Promise<PictureSet>;
  seeds: readonly number[] | null;
  /** Folder of the encoders' runs, which are resumed where there are some. */
  encoders: string;
  /** Folder of the result files. */
  results: string;
  page: string;
  threads: number;
  force: boolean;
  reportOnly: boolean;
  log(line: string): void;
}

/** Writes a file for each set and seed, and the page after each. A call that is stopped can be continued. */
export async function runFewLabels(options: RunFewLabelsOptions): Promise<void> {
  const { sets, seeds, results, page, force, reportOnly, log } = options;
  for (const entry of reportOnly ? [] : sets) {
    for (const seed of seeds ?? entry.seeds) {
      if (!force && existsSync(fileOf(results, { set: entry.name, seed }))) continue;
      await writeFewLabels(results, await scoreSet(await options.open(entry), seed, options));
      await writeFileWhole(page, fewLabelsPage(await readFewLabels(results)));
    }
  }
  await writeFileWhole(page, fewLabelsPage(await readFewLabels(results)));
  log(`${page} is written`);
}

async function scoreSet(set: PictureSet, seed: number, options: RunFewLabelsOptions): Promise<FewLabelsFile> {
  const { threads, log } = options;
  const tell = (line: string) => log(`${set.name}-${seed}: ${line}`);
  const run = await trainEncoder(set, seed, options, tell);
  const source = await openSource({ run }, tell);
  const names = set.train.classNames ?? [];
  const answered = (dataset: PictureSet["train"]) => ({
    dataset,
    answers: { kind: "classes" as const, classes: labelsOf(dataset) },
  });
  const rows = await scoreFewLabels(
    { task: { kind: "classes", names }, training: answered(set.train), tested: answered(set.test) },
    { source, amounts: AMOUNTS, seed, onMissing: tell },
    {
      threads,
      provider: "cpu",
      memory: availableMemory(),
      onProgress: (event) => event.type === "plan" && tell(event.message),
    },
  );
  const { cpu, cores, system, node } = machine();
  const folder = set.name === "fashion-mnist" ? " --fashion-mnist <folder>" : "";
  return {
    ...{ set: set.name, title: set.title, seed },
    command: `npm run quality -- --few-labels --sets ${set.name}${folder} --threads ${threads}`,
    date: new Date().toISOString().slice(0, 10),
    ...{ machine: { cpu, cores, system, node }, threads },
    encoder: { method: METHOD, epochs: source.encoder.epochs ?? 0 },
    ...{ tested: set.test.size, rows: rows ?? [] },
  };
}

async function trainEncoder(
  set: PictureSet,
  seed: number,
  { encoders, threads }: RunFewLabelsOptions,
  log: (line: string) => void,
): Promise<string> {
  const { run } = await pretrain({
    ...{ pictures: set.train, method: METHOD, ...choicesFor("resnet"), seed, threads },
    ...{ epochs: EPOCHS[set.name] ?? 20, out: `${encoders}/${set.name}-${seed}`, resume: "auto" },
    ...{ monitorEvery: 0, checkpointEvery: 1 },
    onProgress: (event) => {
      if (event.type === "epoch") log(`epoch ${event.epoch}, loss ${event.loss.toFixed(3)}`);
    },
  });
  return run;
}
