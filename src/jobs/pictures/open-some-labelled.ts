/** Opens pictures for a network that knows labels already. Pictures may have labels, and need none. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import { datasetLabels } from "../../transfer/dataset-labels.ts";
import type { OwnParts } from "../../transfer/divide-labelled.ts";
import type { Answers, LabelTask } from "../../transfer/label-task.ts";
import { emptyAnswers, type MatchedLabels, matchLabels, spreadAnswers } from "../../transfer/match-labels.ts";
import { nameOf, type Pictures } from "../given-pictures.ts";
import { type OpenLabelledOptions, openParts, type PartSizes } from "./open-labelled.ts";

export interface SomeLabelled {
  /** All pictures. */
  dataset: PictureDataset;
  /** Of all pictures; those without a label have the class -1, or a row of zeros. */
  answers: Answers;
  /** Places of the pictures with labels of the task, ascending. */
  labelled: Int32Array;
  /** Places of the pictures of each part; null if the pictures have no parts. */
  own: OwnParts | null;
  /** Notes for the user on labels, a sentence each. */
  notes: readonly string[];
}

/**
 * Opens pictures, and reads the labels that the task knows ({@link matchLabels}). Labels that cannot be read
 * are not used, and a note says so.
 *
 * @param pictures a path, or an open data set.
 * @throws AfterimageError those of opening pictures.
 */
export async function openSomeLabelled(
  pictures: Pictures,
  task: LabelTask,
  options: Omit<OpenLabelledOptions, "task">,
): Promise<SomeLabelled> {
  const { dataset, sizes } =
    typeof pictures === "string"
      ? await openParts(pictures, options, true)
      : { dataset: pictures, sizes: null };
  const { answers, labelled, notes } = labelsOf(dataset, task, nameOf(pictures));
  return {
    // Why there are no labels is said by the notes on them.
    dataset: { ...dataset, unlabelled: null, close: () => dataset.close() },
    ...{ answers: spreadAnswers(answers, labelled, dataset.size), labelled, notes },
    own: sizes && partsOf(sizes),
  };
}

function labelsOf(dataset: PictureDataset, task: LabelTask, where: string): MatchedLabels {
  try {
    return matchLabels(datasetLabels(dataset, kindOf(dataset, task), where), task);
  } catch (error) {
    if (!(error instanceof AfterimageError) || error.code !== "data/targets") throw error;
    const { what, got } = error.evidence;
    const isThere = dataset.labels !== null || dataset.unlabelled || dataset.written?.rows.some(isWritten);
    const notes = isThere
      ? [`the labels of the pictures are not used: ${what}${got ? ` (${got})` : ""}`]
      : [];
    return { answers: emptyAnswers(task), labelled: new Int32Array(0), notes };
  }
}

function isWritten({ cells }: { cells: readonly string[] }): boolean {
  return cells.some(Boolean);
}

/** Folders are read as classes whatever the task: as numbers, each of their names would be a mistake. */
function kindOf({ written }: PictureDataset, { kind }: LabelTask): LabelTask["kind"] {
  return written?.from === "folders" ? "classes" : kind;
}

/** Null without a part for training, and if there is no other one. */
function partsOf(sizes: NonNullable<PartSizes>): OwnParts | null {
  let start = 0;
  const places = new Map<string | null, Int32Array>();
  for (const { part, size } of sizes) {
    const first = start;
    places.set(
      part,
      Int32Array.from({ length: size }, (_, at) => first + at),
    );
    start += size;
  }
  const [training, validation = null, test = null] = ["train", "val", "test"].map((part) => places.get(part));
  return training === undefined ? null : { training, validation, test };
}
