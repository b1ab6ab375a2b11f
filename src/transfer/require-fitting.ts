import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { Answers, LabelTask } from "./label-task.ts";

/**
 * @throws AfterimageError `evaluate/shape` unless the answers are of the task's kind, and as many as the
 * logits' rows.
 */
export function requireFitting(task: LabelTask, logits: Matrix, answers: Answers): void {
  const expected = `${task.kind} [${logits.rows}, ${task.names.length}]`;
  const [rows, cols] =
    answers.kind === "classes"
      ? [answers.classes.length, logits.cols]
      : [answers.rows.rows, answers.rows.cols];
  const got = `answers of ${answers.kind} [${rows}, ${cols}] and logits [${logits.rows}, ${logits.cols}]`;
  const fits = [rows, cols, answers.kind].join() === [logits.rows, logits.cols, task.kind].join();
  if (fits && logits.cols === task.names.length) return;
  throw new AfterimageError("evaluate/shape", {
    what: "the answers, the logits and the task do not match",
    expected,
    got,
  });
}
