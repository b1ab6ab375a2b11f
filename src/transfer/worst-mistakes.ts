/** The predictions that are most wrong, for people to look at. */
import type { Matrix } from "../formats/matrix.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import { mostProbable } from "./read-logits.ts";

export interface Mistake {
  /** The picture's row among those that were predicted. */
  row: number;
  /** The answer, in words or digits. */
  truth: string;
  predicted: string;
  /** The probability of what is wrong; null for numbers. */
  probability: number | null;
}

/** How wrong a prediction is: more is worse. */
interface Ranked extends Mistake {
  badness: number;
}

/**
 * The worst mistakes, worst first: of classes the wrong ones with the highest probability; of several labels
 * those that are missing or too many with the highest probability, one a picture; of numbers those that are
 * farthest off, in deviations of the training labels.
 *
 * @param predictions `[N, K]` of `readLogits`.
 * @param most how many at most.
 */
export function worstMistakes(
  task: LabelTask,
  predictions: Matrix,
  answers: Answers,
  most: number,
): Mistake[] {
  const mistakes =
    answers.kind === "classes"
      ? wrongClasses(task, predictions, answers.classes)
      : Array.from({ length: predictions.rows }, (_, row) => {
          const own = (m: Matrix) => m.data.subarray(row * m.cols, (row + 1) * m.cols);
          const [predicted, truth] = [own(predictions), own(answers.rows)];
          return answers.kind === "several"
            ? worstLabel(task, row, predicted, truth)
            : worstNumber(task, row, predicted, truth);
        }).filter((mistake) => mistake !== null);
  const worst = mistakes.sort((a, b) => b.badness - a.badness || a.row - b.row).slice(0, most);
  return worst.map(({ badness: _, ...mistake }) => mistake);
}

function wrongClasses({ names }: LabelTask, predictions: Matrix, classes: Int32Array): Ranked[] {
  const predicted = mostProbable(predictions);
  return [...predicted.entries()].flatMap(([row, label]) => {
    if (label === classes[row]) return [];
    const probability = predictions.data[row * predictions.cols + label]!;
    const words = { truth: names[classes[row]!]!, predicted: names[label]! };
    return [{ row, ...words, probability, badness: probability }];
  });
}

function worstLabel(
  { names }: LabelTask,
  row: number,
  predicted: Float32Array,
  truth: Float32Array,
): Ranked | null {
  const wrong = predicted.map((p, label) => (truth[label] === 1 ? 1 - p : p));
  const label = mostProbable({ rows: 1, cols: wrong.length, data: wrong })[0]!;
  const badness = wrong[label]!;
  if (badness <= 0.5) return null;
  const [present, absent] = [names[label]!, `no ${names[label]}`];
  const words = truth[label] === 1 ? [present, absent] : [absent, present];
  return { row, truth: words[0]!, predicted: words[1]!, probability: badness, badness };
}

function worstNumber(
  { names, scale }: LabelTask,
  row: number,
  predicted: Float32Array,
  truth: Float32Array,
): Ranked | null {
  const off = predicted.map((value, at) => Math.abs(value - truth[at]!) / (scale?.deviation[at] ?? 1));
  const column = mostProbable({ rows: 1, cols: off.length, data: off })[0]!;
  const name = names.length === 1 ? "" : `${names[column]} `;
  const [was, said] = [truth, predicted].map((values) => digits(values[column]!));
  return { row, truth: `${name}${was}`, predicted: said!, probability: null, badness: off[column]! };
}

/** Four significant digits, but all of those before the point. */
function digits(value: number): string {
  return Math.abs(value) >= 1e4 ? `${Math.round(value)}` : `${Number(value.toPrecision(4))}`;
}
