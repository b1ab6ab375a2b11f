/**
 * A table on the host of which each step of a `Learner` learns a few rows. The learner has a parameter of
 * `capacity` rows. Before a step it gets the rows that the step uses, each once, and after the step they go
 * back to their places. So gradients, the optimiser and what is copied are of `capacity · D` numbers, however
 * many rows the table has. A row's slots move with it: they stay as they are while the row is not used, as in
 * PyTorch's `SparseAdam`.
 */
import { AfterimageError } from "../errors.ts";
import { slotPath } from "../optim/descend.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import type { Values } from "../train/values.ts";

export interface SparseRowsOptions {
  /** The parameter's path among the learner's values. */
  path: string;
  /** D, the numbers of a row. */
  width: number;
  /** The most different rows of a step: the rows of the learner's parameter. */
  capacity: number;
  /** First values `[N, D]`; they are changed in place. */
  table: Float32Array;
  optimizer: OptimizerRule;
}

export class SparseRows {
  readonly #options: SparseRowsOptions;
  /** The table and its slots, `[N, D]` each, by their paths among the learner's values. */
  readonly #tables: ReadonlyMap<string, Float32Array>;
  /** By row of the table: its place in this step, valid where `#usedIn` is this step. */
  readonly #placeOf: Int32Array;
  readonly #usedIn: Int32Array;
  /** The rows that this step uses, by place. */
  readonly #rowAt: Int32Array;
  #used = 0;
  #step = 0;

  constructor(options: SparseRowsOptions) {
    const { path, width, capacity, table, optimizer } = options;
    const rows = table.length / width;
    const slots = optimizer.slots([rows, width]).map((slot) => slotPath(slot, path));
    this.#options = options;
    this.#tables = new Map([
      [path, table] as const,
      ...slots.map((slot) => [slot, new Float32Array(table.length)] as const),
    ]);
    this.#placeOf = new Int32Array(rows);
    this.#usedIn = new Int32Array(rows);
    this.#rowAt = new Int32Array(capacity);
  }

  /** The whole table and its slots, `[N, D]` each, by path. */
  get tables(): ReadonlyMap<string, Float32Array> {
    return this.#tables;
  }

  /**
   * Copies the rows that a step uses into the learner's values.
   *
   * @param lists numbers of rows; one may come several times.
   * @returns for each list the places of its rows in the learner's parameter.
   * @throws AfterimageError `tensor/shape` for more different rows than the capacity.
   */
  load(lists: readonly Int32Array[], values: Values): Int32Array[] {
    this.#step += 1;
    this.#used = 0;
    const places = lists.map((rows) => rows.map((row) => this.#place(row)));
    this.#copy(values, (table, part, at, from) => part.set(table.subarray(from, from + this.#width), at));
    return places;
  }

  /** Copies the rows of the last {@link load}, which a step has replaced, back to the table. */
  store(values: Values): void {
    this.#copy(values, (table, part, at, to) => table.set(part.subarray(at, at + this.#width), to));
  }

  get #width(): number {
    return this.#options.width;
  }

  #place(row: number): number {
    if (this.#usedIn[row] === this.#step) return this.#placeOf[row]!;
    const place = this.#used;
    if (place === this.#rowAt.length) {
      throw new AfterimageError("tensor/shape", {
        what: "a step uses more rows of a table than it has room for",
        where: this.#options.path,
        expected: `at most ${place} different rows`,
      });
    }
    this.#used += 1;
    this.#usedIn[row] = this.#step;
    this.#placeOf[row] = place;
    this.#rowAt[place] = row;
    return place;
  }

  /** Goes through the used rows of every table: where each begins in the learner's part, and in the table. */
  #copy(
    values: Values,
    move: (table: Float32Array, part: Float32Array, at: number, inTable: number) => void,
  ): void {
    for (const [path, table] of this.#tables) {
      const part = values.get(path)!;
      for (let place = 0; place < this.#used; place++)
        move(table, part, place * this.#width, this.#rowAt[place]! * this.#width);
    }
  }
}
