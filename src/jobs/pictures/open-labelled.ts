/**
 * Opens labelled pictures: what is to be learned from them, the right answers, and the parts they come in.
 */
import { type FoundPart, type FoundParts, findParts } from "../../data/node/find-parts.ts";
import { joinDatasets } from "../../data/node/join-datasets.ts";
import type { OpenOptions } from "../../data/node/open-options.ts";
import { openPictures, withNotes } from "../../data/node/open-pictures.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { subset } from "../../data/subset.ts";
import { withTargets } from "../../data/with-targets.ts";
import type { LabelColumns } from "../../data/written-labels.ts";
import { datasetLabels } from "../../transfer/dataset-labels.ts";
import type { OwnParts } from "../../transfer/divide-labelled.ts";
import { type Answers, type LabelTask, TARGET_OF, type TaskKind } from "../../transfer/label-task.ts";
import type { ReadLabels } from "../../transfer/read-labels.ts";
import { requireTask } from "../../transfer/require-task.ts";
import { nameOf, type Pictures } from "../given-pictures.ts";

export interface LabelledPictures {
  /**
   * The labelled pictures, with their answers as a target: `label`, or rows `labels` or `numbers` (float32,
   * in the units of the labels). Its notes say what was left out, and how labels were read.
   */
  dataset: PictureDataset;
  task: LabelTask;
  answers: Answers;
  /** The data set's own parts; null if it has none, or `split` chooses one or all. */
  own: OwnParts | null;
}

export interface OpenLabelledOptions extends Omit<OpenOptions, "labels" | "labelColumns"> {
  /** What the labels are; recognised by default. */
  task?: TaskKind | undefined;
  /** Columns of a list that hold labels, by their names; found by default. */
  labelColumns?: readonly string[] | undefined;
}

/**
 * Opens labelled pictures. Labels are the folders of the first level, or a column or columns of a list, or
 * come with IDX and CIFAR files. Pictures without a label are left out, and a note says so.
 *
 * Parts by folders or a column of splits are opened together: `train` for training, `val` for validation,
 * `test` for testing. `split` chooses one of them, which has no parts then, or `all` without their division.
 *
 * @param pictures a path, or an open data set, which stays open when the result is closed.
 * @throws AfterimageError those of opening pictures; `data/targets` when no picture has a label, all have the
 * same one, or a label is not of the kind of the others.
 */
export async function openLabelled(
  pictures: Pictures,
  options: OpenLabelledOptions,
): Promise<LabelledPictures> {
  if (typeof pictures !== "string") return labelledOf(pictures, null, pictures, options);
  const { dataset, sizes } = await openParts(pictures, options);
  try {
    return labelledOf(dataset, sizes, pictures, options);
  } catch (error) {
    await dataset.close();
    throw error;
  }
}

/** The number of pictures in each part, in order; null without parts. */
export type PartSizes = readonly { part: FoundPart["part"]; size: number }[] | null;

/**
 * Opens all parts together, with their labels as they are written.
 *
 * @param keepsAll whether parts are opened that have no labels.
 */
export async function openParts(
  path: string,
  options: OpenLabelledOptions,
  keepsAll = false,
): Promise<{ dataset: PictureDataset; sizes: PartSizes }> {
  const opening = {
    ...options,
    labels: "auto",
    labelColumns: options.labelColumns ?? ("any" as LabelColumns),
  } as const;
  const found = await findParts(path, opening);
  const labelled = found.parts.filter(({ someLabelled }) => keepsAll || someLabelled !== false);
  const isWhole = found.parts.length === 1 || labelled.length === 0;
  if (options.split !== undefined || isWhole)
    return { dataset: await openPictures(path, { ...opening, split: options.split ?? "all" }), sizes: null };
  return openEach(labelled, opening, [...found.notes, ...unlabelledNotes(found, labelled)]);
}

async function openEach(parts: readonly FoundPart[], options: OpenOptions, notes: readonly string[]) {
  const opened: { prefix: string; dataset: PictureDataset }[] = [];
  try {
    for (const { prefix, open } of parts) opened.push({ prefix, dataset: await open(options) });
  } catch (error) {
    for (const { dataset } of opened) await dataset.close();
    throw error;
  }
  const sizes = opened.map(({ dataset: { size } }, at) => ({ part: parts[at]!.part, size }));
  return { dataset: withNotes(joinDatasets(opened), notes), sizes };
}

function unlabelledNotes({ parts }: FoundParts, labelled: readonly FoundPart[]): string[] {
  if (labelled.length === parts.length) return [];
  const names = (of: readonly FoundPart[]) => of.map(({ name }) => name).join(", ");
  return [`of the splits ${names(parts)} only ${names(labelled)} can be used: the others have no labels`];
}

function labelledOf(
  dataset: PictureDataset,
  sizes: PartSizes,
  pictures: Pictures,
  { task: kind }: OpenLabelledOptions,
): LabelledPictures {
  const where = nameOf(pictures);
  const { names, answers, labelled, notes } = datasetLabels(dataset, kind, where);
  const task: LabelTask = { kind: answers.kind, names };
  requireTask(task, answers, where);
  const own = sizes && ownParts(sizes, labelled);
  const kept = keepLabelled(dataset, labelled);
  const left = leftOutNotes(dataset, labelled);
  const answered = withAnswers({ ...kept, unlabelled: null }, { names, answers });
  return { dataset: withNotes(answered, [...notes, ...left]), task, answers, own };
}

/** The labelled pictures, which are closed as all of them are. */
function keepLabelled(dataset: PictureDataset, labelled: Int32Array): PictureDataset {
  if (labelled.length === dataset.size) return dataset;
  const { skipped, notes, findings } = dataset;
  const kept = subset(dataset, labelled);
  const of = { skipped, ...(notes && { notes }), ...(findings && { findings }) };
  return { ...kept, ...of, close: () => dataset.close() };
}

function withAnswers(
  dataset: PictureDataset,
  { names, answers }: Pick<ReadLabels, "names" | "answers">,
): PictureDataset {
  if (answers.kind === "classes") return { ...dataset, labels: answers.classes, classNames: names };
  const { cols, data } = answers.rows;
  const column = { dtype: "float32", shape: [cols], data } as const;
  const bare = { ...dataset, labels: null, classNames: null };
  return withTargets(bare, { rows: { [TARGET_OF[answers.kind]]: column } });
}

function leftOutNotes({ names, size }: PictureDataset, labelled: Int32Array): string[] {
  const count = size - labelled.length;
  if (count === 0) return [];
  const has = new Set(labelled);
  const first = names.find((_, place) => !has.has(place));
  const pictures = count === 1 ? "1 picture" : `${count} pictures`;
  return [`left out ${pictures} without a label: ${first}${count > 1 ? ", …" : ""}`];
}

/** Places among the labelled pictures of each part. Only parts with a labelled picture count. */
function ownParts(sizes: NonNullable<PartSizes>, labelled: Int32Array): OwnParts | null {
  const parts = new Map<FoundPart["part"], Int32Array>();
  let start = 0;
  for (const { part, size } of sizes) {
    const end = start + size;
    const isIn = (place: number) => labelled[place]! >= start && labelled[place]! < end;
    const places = Int32Array.from(labelled.keys()).filter(isIn);
    if (places.length > 0) parts.set(part, places);
    start = end;
  }
  const [training, validation = null, test = null] = (["train", "val", "test"] as const).map((part) =>
    parts.get(part),
  );
  return training === undefined || (validation === null && test === null)
    ? null
    : { training, validation, test };
}
