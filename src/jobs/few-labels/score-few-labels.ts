/**
 * The semi-supervised protocol: an encoder with few, some and all labels, beside simpler ways to use them.
 */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { subset } from "../../data/subset.ts";
import { AfterimageError } from "../../errors.ts";
import { answersAt } from "../../transfer/answers-at.ts";
import { parseLabelAmount, takeLabels } from "../../transfer/label-amount.ts";
import { labelCounts } from "../../transfer/label-counts.ts";
import type { Answers, LabelTask } from "../../transfer/label-task.ts";
import { configureFinetune } from "../finetune/configure-finetune.ts";
import { fromScratch } from "../finetune/from-scratch.ts";
import { type Computing, judgeFrozen, type LabelledParts, trainAside } from "../finetune/judge-finetuned.ts";
import type { Source } from "../finetune/open-source.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { type FewLabelsRow, WAYS } from "./few-labels-row.ts";

/** The amounts of labels of the papers: SimCLR, arXiv 2002.05709, table 7; SimCLR v2, arXiv 2006.10029. */
export const AMOUNTS = ["1%", "10%", "100%"] as const;

export interface LabelledSet {
  task: LabelTask;
  dataset: PictureDataset;
  /** Of all pictures. */
  answers: Answers;
  /** Places of the pictures whose labels may be learned from, and of those that are tested. */
  training: Int32Array;
  tested: Int32Array;
}

export interface FewLabelsOptions {
  source: Source;
  amounts: readonly string[];
  seed: number;
  /** Further options of the fine-tuning, such as `epochs` or `settings`. */
  tuning?: Partial<FinetuneOptions>;
  /** Called with the reason why an amount cannot be had. */
  onMissing(reason: string): void;
}

/** @returns null when it was interrupted; amounts that cannot be had are left out. */
export async function scoreFewLabels(
  set: LabelledSet,
  options: FewLabelsOptions,
  computing: Computing,
): Promise<FewLabelsRow[] | null> {
  const rows: FewLabelsRow[] = [];
  for (const amount of options.amounts) {
    const training = takeAmount(set, amount, options);
    if (training === null) continue;
    const row = await scoreAmount({ ...set, training }, amount, options, computing);
    if (row === null) return null;
    rows.push(row);
  }
  return rows;
}

function takeAmount(set: LabelledSet, text: string, { seed, onMissing }: FewLabelsOptions) {
  const amount = parseLabelAmount(text);
  try {
    return takeLabels({ ...set, amount, seed, names: set.dataset.names });
  } catch (error) {
    if (!(error instanceof AfterimageError) || error.code !== "data/targets") throw error;
    onMissing(`${text} of the labels cannot be had: ${error.message}`);
    return null;
  }
}

async function scoreAmount(
  set: LabelledSet,
  amount: string,
  { source, seed, tuning = {} }: FewLabelsOptions,
  computing: Computing,
): Promise<FewLabelsRow | null> {
  const { task } = set;
  const parts = partsOf(set);
  const { training } = parts;
  const counts = labelCounts(task, set.answers, set.training).each?.map(({ count }) => count) ?? null;
  const pictures = { training: set.training.length, validation: set.tested.length, test: 0 };
  const labelled = { task, training: training.dataset, counts, facts: { pictures } };
  const chosen = { ...tuning, run: source.encoder, pictures: set.dataset, seed };
  const config = configureFinetune(chosen, source, labelled);
  const startedAt = performance.now();
  computing.onProgress({ type: "plan", message: `Fine-tuning with ${amount} of the labels …` });
  const fineTuned = await trainAside(config, source.start, parts, computing);
  computing.onProgress({ type: "plan", message: "The same network from scratch …" });
  const scratch = fineTuned && (await trainAside(fromScratch(config), null, parts, computing));
  if (fineTuned === null || scratch === null) return null;
  const seconds = (performance.now() - startedAt) / 1000;
  const { linear, knn } = await judgeFrozen(source, parts, seed, computing);
  const judged = { fineTuned, scratch, linear, knn };
  const scores = Object.fromEntries(WAYS.map((way) => [way, judged[way].headline]));
  return {
    ...{ amount, pictures: set.training.length, epochs: config.epochs, seconds },
    scores: scores as FewLabelsRow["scores"],
  };
}

function partsOf({ task, dataset, answers, training, tested }: LabelledSet): LabelledParts {
  const at = (places: Int32Array) => ({
    dataset: subset(dataset, places),
    answers: answersAt(answers, places),
  });
  const held = at(tested);
  return { task, training: at(training), validation: held, tested: held };
}
