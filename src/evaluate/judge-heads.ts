import type { Matrix } from "../formats/matrix.ts";
import { createSession } from "../runtime/session.ts";
import { affine, compile, input } from "../tensor/index.ts";
import { blockSize, rowBlocks } from "./row-blocks.ts";
import type { Heads } from "./train-heads.ts";

/** The scores of one head on labelled rows. */
export interface Judgement {
  /** Share of rows whose class has the highest logit, in [0, 1]. */
  accuracy: number;
  /** Share of rows whose class is among the five highest logits. */
  top5: number;
  /** Mean cross-entropy, in nats. */
  loss: number;
  /** The class with the highest logit, of equal ones the lowest; -1 if logits are not finite. */
  predictions: Int32Array;
}

const ROWS_PER_RUN = 1024;

/** Evaluates every head on the same rows. */
export async function judgeHeads(
  heads: Heads,
  features: Matrix,
  labels: ArrayLike<number>,
  threads: number,
): Promise<Judgement[]> {
  const judges = Array.from({ length: heads.count }, () => new Judge(features.rows));
  await visitLogits(heads, features, threads, (head, row, logits) =>
    judges[head]!.add(row, logits, labels[row]!),
  );
  return judges.map((judge) => judge.result());
}

/** The outputs of every head for all rows, `[N, C]` each. */
export async function headLogits(heads: Heads, features: Matrix, threads: number): Promise<Matrix[]> {
  const { count, classes: cols } = heads;
  const { rows } = features;
  const all = Array.from({ length: count }, () => ({ rows, cols, data: new Float32Array(rows * cols) }));
  await visitLogits(heads, features, threads, (head, row, logits) => all[head]!.data.set(logits, row * cols));
  return all;
}

/** Calls `visit` with the outputs `[C]` of every head for every row. They change after the call. */
async function visitLogits(
  { count, classes, weight, bias }: Heads,
  features: Matrix,
  threads: number,
  visit: (head: number, row: number, logits: Float32Array) => void,
): Promise<void> {
  const size = blockSize(features.rows, ROWS_PER_RUN);
  const outputs = count * classes;
  const x = input("x", [size, features.cols]);
  const logits = affine(x, input("weight", [outputs, features.cols]), input("bias", [outputs]));
  const session = await createSession(compile({ logits }, { name: "heads" }), { threads });
  try {
    for (const block of rowBlocks(features, size)) {
      const run = await session.run({ x: block.data, weight, bias });
      for (let i = 0; i < block.count * count; i++) {
        const own = (run.logits as Float32Array).subarray(i * classes, (i + 1) * classes);
        visit(i % count, block.start + Math.floor(i / count), own);
      }
    }
  } finally {
    await session.release();
  }
}

class Judge {
  readonly #predictions: Int32Array;
  #right = 0;
  #amongFive = 0;
  #loss = 0;

  constructor(rows: number) {
    this.#predictions = new Int32Array(rows).fill(-1);
  }

  add(row: number, logits: Float32Array, label: number): void {
    let [ahead, best, total] = [0, 0, 0];
    for (let c = 1; c < logits.length; c++) if (logits[c]! > logits[best]!) best = c;
    for (let c = 0; c < logits.length; c++) {
      total += Math.exp(logits[c]! - logits[best]!);
      if (logits[c]! > logits[label]! || (logits[c] === logits[label] && c < label)) ahead++;
    }
    this.#loss += Math.log(total) + logits[best]! - logits[label]!;
    // A head that diverged at its learning rate predicts nothing.
    if (!Number.isFinite(total)) return;
    this.#predictions[row] = best;
    if (ahead === 0) this.#right++;
    if (ahead < 5) this.#amongFive++;
  }

  result(): Judgement {
    const predictions = this.#predictions;
    const rows = predictions.length;
    const [accuracy, top5] = [this.#right / rows, this.#amongFive / rows];
    return { accuracy, top5, loss: this.#loss / rows, predictions };
  }
}
