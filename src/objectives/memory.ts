/**
 * Tables of rows that outlive a step and are too large, or too seldom read, to travel through it: banks and
 * queues.
 */
import type { Initializer } from "../nn/initializers.ts";
import type { Tensor } from "../tensor/index.ts";

interface Table {
  readonly name: string;
  /** Size D of a row. */
  readonly width: number;
  readonly initial: Initializer;
}

/** The newest rows; what a step writes takes the place of the oldest. */
export interface Queue extends Table {
  readonly kind: "queue";
  readonly rows: number;
}

/** A row for each picture of the data set, replaced when the picture is seen. */
export interface Bank extends Table {
  readonly kind: "bank";
  /**
   * How many rows, drawn at random for every step, the loss sees beside those of its pictures; null for all.
   */
  readonly pool: number | null;
}

export type Memory = Queue | Bank;

/** What the loss sees of a memory. */
export interface MemoryInputs {
  /** How many rows there are in all, seen in this step or not: N of a bank is the number of pictures. */
  readonly size: number;
  /**
   * A queue's rows `[K, D]` in no order that means anything; a bank's rows `[N, D]`, or of them a pool
   * `[P, D]`.
   */
  readonly rows: Tensor;
  /** Bank: the rows of the batch's pictures, `[B, D]`. */
  readonly own?: Tensor;
  /** Bank, all of whose rows are seen: where in `rows` the batch's pictures are, int32 `[B]`. */
  readonly places?: Tensor;
}

/** How many rows of a memory a step reads, its own aside. */
export function rowsSeen(memory: Memory, pictures: number): number {
  return memory.kind === "queue" ? memory.rows : Math.min(memory.pool ?? pictures, pictures);
}
