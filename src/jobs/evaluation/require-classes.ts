/**
 * Checks that there are pictures of at least two classes, and that a class has pictures to learn from in
 * addition to those to test.
 */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import type { Split } from "../../evaluate/stratified-split.ts";
import { optionName } from "../../options/option-name.ts";

type Labelled = Pick<PictureDataset, "labels" | "classNames" | "unlabelled">;

export interface Classes {
  labels: Int32Array;
  /** The highest possible label plus one. */
  classes: number;
  /** The number of classes that have a picture. */
  present: number;
}

/** @throws AfterimageError `evaluate/labels` when the pictures have fewer than two classes. */
export function requireClasses({ labels, classNames, unlabelled }: Labelled, where: string): Classes {
  const present = new Set(labels).size;
  if (labels !== null && present > 1) {
    // By a reduction, because there are more labels than a call takes arguments.
    const highest = labels.reduce((most, label) => Math.max(most, label), 0);
    return { labels, classes: classNames?.length ?? highest + 1, present };
  }
  throw new AfterimageError("evaluate/labels", {
    what: "evaluation needs labelled pictures of at least two classes",
    where,
    expected: "a folder with a sub-folder for each class, or a list file with labels",
    got: labels === null ? `no labels${unlabelled ? `: ${unlabelled}` : ""}` : "one class",
    ...(unlabelled && { todo: "Move or remove the pictures without a label." }),
  });
}

/** @throws AfterimageError `usage/value` when there are fewer pictures than clusters. */
export function requireClusters(clusters: number, pictures: number, where: string): void {
  if (clusters <= pictures) return;
  throw new AfterimageError("usage/value", {
    what: "there are more clusters than pictures",
    where,
    expected: `${optionName("clusters")} of at most ${pictures}`,
    got: `${clusters}`,
  });
}

interface Tested {
  classNames: readonly string[] | null;
  where: string;
}

/**
 * @returns notes for the user about classes that are not tested, or cannot be predicted, a sentence each.
 * @throws AfterimageError `evaluate/labels` when every class has one picture only.
 */
export function requireTested(
  labels: Int32Array,
  { kept, held }: Split,
  { classNames, where }: Tested,
): string[] {
  const [taught, tested] = [kept, held].map((rows) => new Set(rows.map((row) => labels[row]!)));
  if (held.length === 0) {
    throw new AfterimageError("evaluate/labels", {
      what: "every class has only one picture, so none can be tested",
      where,
      expected: "classes of two pictures or more",
      got: `${taught!.size} classes of one picture`,
      todo: "Put the pictures of a class into one folder, or give them the same label in the list.",
    });
  }
  const naming = (labels: Iterable<number>) => named([...labels], classNames);
  const untested = [...taught!].filter((label) => !tested!.has(label));
  const unknown = [...tested!].filter((label) => !taught!.has(label));
  return [
    ...(untested.length === 0 ? [] : [`no test pictures in ${naming(untested)}`]),
    ...(unknown.length === 0
      ? []
      : [`no training pictures in ${naming(unknown)}, so never predicted correctly`]),
  ];
}

const NAMED = 3;

/** "class a", "2 classes (a, b)", "5 classes (a, b, c, …)". */
function named(labels: readonly number[], classNames: readonly string[] | null): string {
  const names = labels.slice(0, NAMED).map((label) => classNames?.[label] ?? `${label}`);
  if (labels.length === 1) return `class ${names[0]}`;
  return `${labels.length} classes (${names.join(", ")}${labels.length > NAMED ? ", …" : ""})`;
}
