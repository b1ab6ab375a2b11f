/** Refuses labels from which nothing can be learned, because all pictures have the same. */
import { AfterimageError } from "../errors.ts";
import type { Answers, LabelTask } from "./label-task.ts";

/**
 * @throws AfterimageError `data/targets` when there is one class only, or a number or all labels never
 * change.
 */
export function requireTask({ names }: LabelTask, answers: Answers, where: string): void {
  if (answers.kind === "classes") {
    const present = new Set(answers.classes);
    const [only] = present;
    if (present.size < 2) throw allEqual("class", `one class, ${names[only!]}`, where);
    return;
  }
  const { rows, cols, data } = answers.rows;
  const isConstant = (col: number) => {
    for (let row = 1; row < rows; row++) if (data[row * cols + col] !== data[col]) return false;
    return true;
  };
  const constant = names.findIndex((_, col) => isConstant(col));
  if (answers.kind === "numbers" && constant >= 0)
    throw allEqual("number", `${data[constant]} for all in ${names[constant]}`, where);
  if (answers.kind === "several" && names.every((_, col) => isConstant(col)))
    throw allEqual("labels", `the same labels for all ${rows}`, where);
}

function allEqual(what: string, got: string, where: string): AfterimageError {
  return new AfterimageError("data/targets", {
    what: `all pictures have the same ${what}, so there is nothing to tell apart`,
    where,
    expected: "pictures with different labels",
    got,
  });
}
