/**
 * The semi-supervised protocol: an encoder with few, some and all labels, beside simpler ways to use them.
 */
import { subset } from "../../data/subset.ts";
import { AfterimageError } from "../../errors.ts";
import { answersAt } from "../../transfer/answers-at.ts";
import { parseLabelAmount, takeLabels } from "../../transfer/label-amount.ts";
import { labelCounts } from "../../transfer/label-counts.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import type { AnsweredPictures } from "../../transfer/validation-observer.ts";
import type { Computing } from "../finetune/computing.ts";
import { configureFinetune } from "../finetune/configure-finetune.ts";
import { fromScratch } from "../finetune/from-scratch.ts";
import { judgeFrozen, trainAside } from "../finetune/judge-finetuned.ts";
import type { Source } from "../finetune/open-source.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { type FewLabelsRow, WAYS } from "./few-labels-row.ts";

/** The amounts of labels of the papers: SimCLR, arXiv 2002.05709, table 7; SimCLR v2, arXiv 2006.10029. */
export const AMOUNTS = ["1%", "10%", "100%"] as const;

export interface LabelledSet {
  task: LabelTask;
  /** The pictures whose labels may be learned from. */
  training: AnsweredPictures;
  tested: AnsweredPictures;
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

/** The training pictures that keep their labels; null if there are too few for this amount. */
function takeAmount(
  { task, training }: LabelledSet,
  text: string,
  { seed, onMissing }: FewLabelsOptions,
): AnsweredPictures | null {
  const { dataset, answers } = training;
  const { names } = dataset;
  const all = Int32Array.from({ length: dataset.size }, (_, place) => place);
  const amount = parseLabelAmount(text);
  try {
    const places = takeLabels({ task, answers, training: all, amount, seed, names });
    return { dataset: subset(dataset, places), answers: answersAt(answers, places) };
  } catch (error) {
    if (!(error instanceof AfterimageError) || error.code !== "data/targets") throw error;
    onMissing(`${text} of the labels cannot be had: ${error.message}`);
    return null;
  }
}

async function scoreAmount(
  { task, training, tested }: LabelledSet,
  amount: string,
  { source, seed, tuning = {} }: FewLabelsOptions,
  computing: Computing,
): Promise<FewLabelsRow | null> {
  const { dataset, answers } = training;
  const places = Int32Array.from({ length: dataset.size }, (_, place) => place);
  const counts = labelCounts(task, answers, places).each?.map(({ count }) => count) ?? null;
  const pictures = { training: dataset.size, validation: tested.dataset.size, test: 0 };
  const chosen = { ...tuning, run: source.encoder, pictures: dataset, seed };
  const config = configureFinetune(chosen, source, { task, training: dataset, counts, facts: { pictures } });
  const parts = { task, training, validation: tested, tested };
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
    ...{ amount, pictures: dataset.size, epochs: config.epochs, seconds },
    scores: scores as FewLabelsRow["scores"],
  };
}
