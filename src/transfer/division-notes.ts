/** What a user should know of a division: parts without pictures of some classes or labels. */
import { type LabelledDivision, outputCounts } from "./divide-labelled.ts";
import type { Answers, LabelTask } from "./label-task.ts";

/** The number of names that a note shows. */
const SHOWN = 3;

/**
 * Notes for the user, a sentence each: on classes or labels without a picture in a part. A class has no
 * validation picture if all that it has are one or near-copies; a label has no training picture if few keep
 * theirs.
 */
export function divisionNotes(task: LabelTask, answers: Answers, division: LabelledDivision): string[] {
  if (answers.kind === "numbers") return [];
  const counts = (places: Int32Array) => outputCounts(answers, places, task.names.length);
  const [all, training] = [counts(allOf(division)), counts(division.training)];
  const note = (part: string, own: readonly number[]) => {
    const missing = task.names.filter((_, k) => all[k]! > 0 && own[k] === 0);
    return missing.length === 0 ? [] : [`no ${part} pictures of ${named(missing, answers.kind)}`];
  };
  return [
    ...note("training", training),
    ...note("validation", counts(division.validation)),
    ...(division.test.length === 0 ? [] : note("test", counts(division.test))),
  ];
}

function allOf({ training, validation, test }: LabelledDivision): Int32Array {
  return Int32Array.from([...training, ...validation, ...test]);
}

/** "class a", "2 classes (a, b)", "5 labels (a, b, c, …)". */
function named(names: readonly string[], kind: "classes" | "several"): string {
  const [one, many] = kind === "classes" ? ["class", "classes"] : ["label", "labels"];
  if (names.length === 1) return `${one} ${names[0]}`;
  return `${names.length} ${many} (${names.slice(0, SHOWN).join(", ")}${names.length > SHOWN ? ", …" : ""})`;
}
