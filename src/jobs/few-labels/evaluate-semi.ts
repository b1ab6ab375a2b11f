/** The protocol `semi` of an evaluation. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { subset } from "../../data/subset.ts";
import { stratifiedSplit } from "../../evaluate/stratified-split.ts";
import { availableMemory } from "../../machine/available-memory.ts";
import type { Notes } from "../../runs/notes.ts";
import type { EvaluateOptions } from "../evaluate-options.ts";
import { TEST_SHARE } from "../evaluation/divide-pictures.ts";
import type { ScoringTask } from "../evaluation/score-features.ts";
import { openSource } from "../finetune/open-source.ts";
import type { FewLabelsRow } from "./few-labels-row.ts";
import { AMOUNTS, scoreFewLabels } from "./score-few-labels.ts";

const INTERRUPTED = "the trainings with few labels were interrupted, so their scores are left out";

/**
 * Trains with 1 %, 10 % and all labels of the training pictures. Where the evaluation tests every picture in
 * turn, a fifth of each class is held out here, because each way would have to be trained once a fold.
 *
 * @returns null when it was interrupted.
 */
export async function evaluateSemi(
  { run, threads, onProgress = () => {}, signal }: EvaluateOptions & { threads: number },
  dataset: PictureDataset,
  { labels, classes, division, seed }: ScoringTask,
  notes: Notes,
): Promise<FewLabelsRow[] | null> {
  const source = await openSource({ run }, () => {});
  const held = { share: TEST_SHARE, seed, stream: "evaluate/split" };
  const split = division.kind === "cross-validation" ? stratifiedSplit(labels, held) : division.split;
  const names = dataset.classNames ?? Array.from({ length: classes }, (_, label) => `${label}`);
  const at = (places: Int32Array) => ({
    dataset: subset(dataset, places),
    answers: { kind: "classes" as const, classes: places.map((place) => labels[place] as number) },
  });
  const task = { kind: "classes" as const, names };
  const set = { task, training: at(split.kept), tested: at(split.held) };
  const computing = { threads, provider: "cpu", memory: availableMemory(), onProgress, signal };
  const asked = { source, amounts: AMOUNTS, seed, onMissing: notes.add };
  const rows = await scoreFewLabels(set, asked, computing);
  if (rows === null) notes.add(INTERRUPTED);
  return rows;
}
