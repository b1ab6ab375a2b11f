/** The pictures of an evaluation, with their own division if they have one. */
import { type FoundPart, type FoundParts, findParts } from "../../data/node/find-parts.ts";
import { joinDatasets } from "../../data/node/join-datasets.ts";
import type { OpenOptions } from "../../data/node/open-options.ts";
import { openPictures, openTogether, withNotes } from "../../data/node/open-pictures.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";

export interface EvaluationPictures {
  dataset: PictureDataset;
  /** The data set's own division; null if a share of each class is held out. */
  own: OwnSplit | null;
}

export interface OwnSplit {
  /** The names of the parts. */
  train: string;
  test: string;
  /** The number of pictures, at the start of the data set, that belong to `train`. */
  trained: number;
}

/**
 * Opens pictures for an evaluation. If a data set has parts, `train` is for learning and `val` for testing,
 * or `test` if `val` has no labels or `split` says so. If there are no two such parts, or `split` is `all` or
 * `train`, nothing is divided yet, and parts without labels are left out.
 *
 * @throws AfterimageError those of opening pictures.
 */
export async function openEvaluation(path: string, options: OpenOptions): Promise<EvaluationPictures> {
  const found = await findParts(path, options);
  const { split } = options;
  if (split === "train" || split === "all" || found.parts[0]!.part === null)
    return { dataset: await openPictures(path, options), own: null };
  const [train, test] = [found.parts.find(({ part }) => part === "train"), testedPart(found, split)];
  if (train?.labelled === false || train === undefined || test === undefined)
    return { dataset: await openLabelled(path, options, found), own: null };
  return openOwnSplit({ train, test }, options, found.notes);
}

function testedPart({ parts }: FoundParts, split: OpenOptions["split"]): FoundPart | undefined {
  return parts.find(
    ({ part, labelled }) => part !== "train" && labelled !== false && part === (split ?? part),
  );
}

async function openOwnSplit(
  { train, test }: { train: FoundPart; test: FoundPart },
  options: OpenOptions,
  notes: readonly string[],
): Promise<EvaluationPictures> {
  const learned = await train.open(options);
  try {
    const tested = await test.open(options);
    const parts = [train, test].map(({ prefix }, at) => ({ prefix, dataset: [learned, tested][at]! }));
    const own = { train: train.name, test: test.name, trained: learned.size };
    return { dataset: withNotes(joinDatasets(parts), notes), own };
  } catch (error) {
    await learned.close();
    throw error;
  }
}

/** All parts with labels, if the parts do not give a division. */
async function openLabelled(
  path: string,
  options: OpenOptions,
  { parts, notes }: FoundParts,
): Promise<PictureDataset> {
  const labelled = parts.filter((part) => part.labelled !== false);
  if (options.split !== undefined || labelled.length === 0)
    return openPictures(path, { ...options, split: options.split ?? "all" });
  const used = labelled.map(({ name }) => name).join(", ");
  const note = `of the splits ${parts.map(({ name }) => name).join(", ")} only ${used} can be used: the others have no classes`;
  const more = labelled.length === parts.length ? [] : [note];
  return withNotes(await openTogether(labelled, options), [...notes, ...more]);
}
