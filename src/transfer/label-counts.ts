/** How many labels there are, for a line that a user reads. */
import { outputCounts } from "./divide-labelled.ts";
import type { Answers, LabelTask } from "./label-task.ts";

export interface LabelCounts {
  /** The number of pictures. */
  pictures: number;
  /** Of each class or label, in the order of the task's names; null for numbers. */
  each: { name: string; count: number }[] | null;
}

/** Counts the labels of the pictures at `places`. */
export function labelCounts({ names }: LabelTask, answers: Answers, places: Int32Array): LabelCounts {
  if (answers.kind === "numbers") return { pictures: places.length, each: null };
  const counts = outputCounts(answers, places, names.length);
  return { pictures: places.length, each: names.map((name, k) => ({ name, count: counts[k]! })) };
}

/** Up to this many classes are listed by name. */
const MOST_LISTED = 12;

/** `20 labelled pictures: 2 of each of 10 classes`, `7 labelled pictures: cat 4, dog 3`. */
export function describeLabelCounts({ pictures, each }: LabelCounts): string {
  const labelled = `${pictures} labelled ${pictures === 1 ? "picture" : "pictures"}`;
  if (each === null || each.length === 0) return labelled;
  const counts = each.map(({ count }) => count);
  const sorted = each.toSorted((a, b) => a.count - b.count);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  if (least.count === most.count) return `${labelled}: ${least.count} of each of ${counts.length} classes`;
  if (each.length <= MOST_LISTED)
    return `${labelled}: ${each.map(({ name, count }) => `${name} ${count}`).join(", ")}`;
  return `${labelled}: from ${least.count} (${least.name}) to ${most.count} (${most.name}) of ${counts.length} classes`;
}
