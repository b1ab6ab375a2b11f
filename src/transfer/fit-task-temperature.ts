import { fitTemperature } from "../evaluate/predictions/fit-temperature.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import { asPairs } from "./read-logits.ts";
import { requireFitting } from "./require-fitting.ts";

/**
 * The temperature that calibrates a network's probabilities on its validation part, which must not have
 * trained; null for numbers, which have none. Of several labels it is one temperature for all of them.
 *
 * It is 1 where no temperature in the range is best, as where every prediction is right: such a part does
 * not tell how sure the network may be.
 *
 * @param logits `[N, K]` of the validation part.
 * @throws AfterimageError `evaluate/shape`, `evaluate/labels`, `evaluate/not-finite`.
 */
export function fitTaskTemperature(task: LabelTask, logits: Matrix, answers: Answers): number | null {
  requireFitting(task, logits, answers);
  if (answers.kind === "numbers") return null;
  const { temperature, isAtBound } =
    answers.kind === "classes"
      ? fitTemperature(answers.classes, logits)
      : fitTemperature(answers.rows.data, asPairs(logits));
  return isAtBound ? 1 : temperature;
}
