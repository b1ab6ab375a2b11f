/** Evaluation needs pictures of at least two classes. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";

type Labelled = Pick<PictureDataset, "labels" | "classNames" | "unlabelled">;

/** @throws AfterimageError `evaluate/labels` when the pictures have fewer than two classes. */
export function requireClasses(
  { labels, classNames, unlabelled }: Labelled,
  where: string,
): { labels: Int32Array; classes: number } {
  if (labels !== null && new Set(labels).size > 1) {
    // By a reduction: there are more labels than a call takes arguments.
    const highest = labels.reduce((most, label) => Math.max(most, label), 0);
    return { labels, classes: classNames?.length ?? highest + 1 };
  }
  throw new AfterimageError("evaluate/labels", {
    what: "these pictures have no classes to evaluate with",
    where,
    expected: "a folder with a sub-folder for each class, or a list file with labels",
    got: labels === null ? `no labels${unlabelled ? `: ${unlabelled}` : ""}` : "one class",
    ...(unlabelled && { todo: "Move or remove what has no label." }),
  });
}
