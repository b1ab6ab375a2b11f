/** Opens labelled pictures and divides them into those that train, those held out, and those that test. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { subset } from "../../data/subset.ts";
import { withTargets } from "../../data/with-targets.ts";
import type { Notes } from "../../runs/notes.ts";
import { answersAt } from "../../transfer/answers-at.ts";
import { divideLabelled, type LabelledDivision } from "../../transfer/divide-labelled.ts";
import { divisionNotes } from "../../transfer/division-notes.ts";
import { parseLabelAmount } from "../../transfer/label-amount.ts";
import { describeLabelCounts, labelCounts } from "../../transfer/label-counts.ts";
import { type Answers, inUnits, type LabelTask, TARGET_OF } from "../../transfer/label-task.ts";
import { numberScale } from "../../transfer/number-scale.ts";
import type { AnsweredPictures } from "../../transfer/validation-observer.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { pictureNotes, skippedNotes } from "../notes/picture-notes.ts";
import { openOptions } from "../picture-options.ts";
import { backgroundAsked } from "../pictures/background-asked.ts";
import { groupNearCopies } from "../pictures/group-near-copies.ts";
import { type LabelledPictures, openLabelled } from "../pictures/open-labelled.ts";
import type { Labelled } from "./configure-finetune.ts";
import type { LabelledParts } from "./judge-finetuned.ts";
import type { Source } from "./open-source.ts";

export interface OpenedLabels extends Labelled {
  dataset: PictureDataset;
  parts: LabelledParts;
  /** What trains and what is held out, as a sentence. */
  text: string;
}

type LabelledOptions = Pick<
  FinetuneOptions,
  | "pictures"
  | "labels"
  | "task"
  | "validation"
  | "balance"
  | "seed"
  | "background"
  | "allFiles"
  | "cacheDir"
  | "verify"
  | "signal"
  | "onProgress"
>;

/**
 * Calls `work` with the labelled pictures, on canvases as the encoder's, and adds notes about them for the
 * user. A data set that was open stays open.
 *
 * @throws AfterimageError those of opening pictures; `data/targets` for labels from which nothing can be
 * learned; `usage/value` for an amount of labels that is none.
 */
export async function withLabelled<T>(
  options: LabelledOptions & { threads: number },
  { encoder }: Pick<Source, "encoder">,
  notes: Notes,
  work: (labelled: OpenedLabels) => Promise<T>,
): Promise<T> {
  const { pictures, onProgress = () => {}, task } = options;
  const { labels, ...reading } = options;
  const amount = labels === undefined ? undefined : parseLabelAmount(labels);
  const background = backgroundAsked(options, encoder, notes);
  const laying = { canvas: encoder.canvas, background, onProgress };
  const opened = await openLabelled(pictures, { ...openOptions(reading, laying), task });
  const { dataset } = opened;
  try {
    notes.addAll([...pictureNotes(dataset), ...skippedNotes(dataset)]);
    const copies = await groupNearCopies(dataset, opened.own, options.threads);
    notes.addAll(copies.notes);
    const { validation: share, seed = 0 } = options;
    const division = divideLabelled({
      ...{ ...opened, names: dataset.names, labels: amount, share, seed, groups: copies.groups },
    });
    notes.addAll(divisionNotes(opened.task, opened.answers, division));
    return await work(dividedLabels(opened, division, options));
  } finally {
    if (typeof pictures === "string") await dataset.close();
  }
}

function dividedLabels(
  { dataset, task: named, answers }: LabelledPictures,
  { training, validation, test }: LabelledDivision,
  { balance = "none" }: Pick<LabelledOptions, "balance">,
): OpenedLabels {
  const scale = answers.kind === "numbers" ? numberScale(answers.rows, training) : undefined;
  const task: LabelTask = { ...named, ...(scale && { scale }) };
  const at = (places: Int32Array): AnsweredPictures =>
    partOf(dataset, task, answers, byName(dataset.names, places));
  const counted = labelCounts(task, answers, training);
  const counts = counted.each?.map(({ count }) => count) ?? null;
  const trained = at(balance === "drawing" ? drawnEvenly(answers, training) : training);
  const held = at(validation);
  const pictures = { training: training.length, validation: validation.length, test: test.length };
  return {
    ...{ dataset, task, counts, facts: { pictures }, training: trained.dataset },
    parts: {
      ...{ task, training: trained, validation: held },
      tested: test.length === 0 ? held : at(test),
    },
    text: `${describeLabelCounts(counted)}; ${heldText(pictures)}`,
  };
}

/** Pictures train and are judged in the order of their names, whatever the order of the rows of a list. */
function byName(names: readonly string[], places: Int32Array): Int32Array {
  const order = (a: number, b: number) => {
    const [one, other] = [names[a] as string, names[b] as string];
    return one === other ? a - b : one < other ? -1 : 1;
  };
  return places.slice().sort(order);
}

/** Numbers train in the network's units, and are judged in those of the labels. */
function partOf(
  dataset: PictureDataset,
  { scale }: LabelTask,
  answers: Answers,
  places: Int32Array,
): AnsweredPictures {
  const own = answersAt(answers, places);
  const pictures = subset(dataset, places);
  if (own.kind !== "numbers") return { dataset: pictures, answers: own };
  const { cols } = own.rows;
  const column = { dtype: "float32", shape: [cols], data: inUnits(own.rows, scale).data } as const;
  return {
    dataset: withTargets(pictures, { rows: { [TARGET_OF.numbers]: column } }),
    answers: own,
  };
}

/** The places with those of rare classes repeated, so that every class is seen as often as the largest. */
export function drawnEvenly(answers: Answers, places: Int32Array): Int32Array {
  if (answers.kind !== "classes") return places;
  const members = new Map<number, number[]>();
  for (const place of places) {
    const label = answers.classes[place] as number;
    const own = members.get(label);
    if (own === undefined) members.set(label, [place]);
    else own.push(place);
  }
  const most = Math.max(...[...members.values()].map(({ length }) => length));
  const drawn = [...members.values()].flatMap((own) =>
    Array.from({ length: most }, (_, at) => own[at % own.length] as number),
  );
  return Int32Array.from(drawn).sort();
}

function heldText({ validation, test }: { validation: number; test: number }): string {
  const parts = [
    ...(validation > 0 ? [`${validation} are held out for validation`] : []),
    ...(test > 0 ? [`${test} test`] : []),
  ];
  return parts.join(", ");
}
