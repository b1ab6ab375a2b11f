/** What a network's logits say in the words of its task. */
import { probabilities } from "../evaluate/predictions/probabilities.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { LabelTask } from "./label-task.ts";

/**
 * Of classes: their probabilities, which sum to 1. Of several labels: the probability of each. Of numbers:
 * the numbers in the unit of the labels, which no temperature changes.
 *
 * @param logits `[N, K]`.
 * @param temperature above 0, 1 by default.
 * @throws AfterimageError `evaluate/shape`, `evaluate/not-finite`, or `usage/value` for another temperature.
 */
export function readLogits(task: LabelTask, logits: Matrix, temperature = 1): Matrix {
  if (task.kind === "classes") return probabilities(logits, temperature);
  const { rows, cols, data } = logits;
  if (task.kind === "numbers") return { rows, cols, data: inUnits(logits, task) };
  const pairs = probabilities(asPairs(logits), temperature);
  return { rows, cols, data: Float32Array.from(data, (_, at) => pairs.data[2 * at + 1]!) };
}

/** Two classes for every logit, absent and present: `[N·K, 2]`, because σ(z) is the softmax of 0 and z. */
export function asPairs({ rows, cols, data }: Matrix): Matrix {
  const pairs = new Float32Array(2 * data.length);
  for (const [at, logit] of data.entries()) pairs[2 * at + 1] = logit;
  return { rows: rows * cols, cols: 2, data: pairs };
}

function inUnits({ cols, data }: Matrix, { scale }: LabelTask): Float32Array {
  if (scale === undefined) return data.slice();
  return data.map((value, at) => value * scale.deviation[at % cols]! + scale.mean[at % cols]!);
}

/** The column with the largest number of each row, of equal ones the first. */
export function mostProbable({ rows, cols, data }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let c = 1; c < cols; c++) if (data[row * cols + c]! > data[row * cols + best]!) best = c;
    return best;
  });
}
