/** Banks and queues of a run: the rows that a step sees, and the places of the rows that it writes. */
import { type Bank, type Memory, rowsSeen } from "../objectives/memory.ts";
import { randomStream } from "../random/random-stream.ts";
import type { Feeds, Results } from "../runtime/session.ts";
import type { TensorData } from "../tensor/index.ts";
import { MEMORY_INPUT, memoryPath, WRITE } from "./graph-names.ts";
import type { Values } from "./values.ts";

export class HostMemories {
  readonly #seed: number;
  readonly #memories: readonly Memory[];
  readonly #pictures: number;
  readonly #values: Values;

  /**
   * @param values of the run. The rows of memories are among them and are updated in place, because they may
   * be large.
   */
  constructor(seed: number, memories: readonly Memory[], pictures: number, values: Values) {
    this.#seed = seed;
    this.#memories = memories;
    this.#pictures = pictures;
    this.#values = values;
  }

  /** Shapes of the memories, by their paths among the values. */
  get shapes(): ReadonlyMap<string, readonly number[]> {
    return memoryShapes(this.#memories, this.#pictures);
  }

  /** The inputs that a step (0-based, of the run) gets of the memories, in addition to their rows. */
  feeds(indices: Int32Array, step: number): Feeds {
    const feeds: Record<string, TensorData> = {};
    for (const memory of this.#memories) {
      if (memory.kind === "queue") continue;
      feeds[`${MEMORY_INPUT.own}${memory.name}`] = this.#rowsAt(memory, indices);
      if (rowsSeen(memory, this.#pictures) === this.#pictures)
        feeds[`${MEMORY_INPUT.places}${memory.name}`] = indices;
      else feeds[`${MEMORY_INPUT.pool}${memory.name}`] = this.#rowsAt(memory, this.#poolAt(memory, step));
    }
    return feeds;
  }

  /** Stores the rows that a step wrote. */
  write(results: Results, indices: Int32Array, step: number): void {
    for (const memory of this.#memories) {
      const written = results[`${WRITE}${memory.name}`] as Float32Array | undefined;
      if (written === undefined) continue;
      const count = written.length / memory.width;
      const place =
        memory.kind === "bank"
          ? (row: number) => indices[row]!
          : // A queue replaces its oldest rows, those after the rows of the last step.
            (row: number) => (step * count + row) % memory.rows;
      const rows = this.#rowsOf(memory);
      for (let row = 0; row < count; row++) {
        const from = row * memory.width;
        rows.set(written.subarray(from, from + memory.width), place(row) * memory.width);
      }
    }
  }

  /** The pictures whose rows form the pool of a step, drawn with repetition. */
  #poolAt(memory: Bank, step: number): Int32Array {
    const random = randomStream(this.#seed, `memory/${memory.name}`, step, 0);
    return Int32Array.from({ length: memory.pool! }, () => random.integer(0, this.#pictures));
  }

  #rowsAt(memory: Bank, indices: Int32Array): Float32Array {
    const { width } = memory;
    const rows = this.#rowsOf(memory);
    const picked = new Float32Array(indices.length * width);
    for (const [row, at] of indices.entries())
      picked.set(rows.subarray(at * width, (at + 1) * width), row * width);
    return picked;
  }

  #rowsOf({ name }: Memory): Float32Array {
    return this.#values.get(memoryPath(name))!;
  }
}

/** Shapes `[rows, D]` by path among a run's values. */
export function memoryShapes(memories: readonly Memory[], pictures: number): Map<string, [number, number]> {
  return new Map(
    memories.map((memory) => [
      memoryPath(memory.name),
      [memory.kind === "queue" ? memory.rows : pictures, memory.width],
    ]),
  );
}

/** The first rows of each memory, each drawn from its own stream. */
export function initialMemories(memories: readonly Memory[], pictures: number, seed: number): Values {
  const shapes = memoryShapes(memories, pictures);
  return new Map(
    memories.map(({ name, initial }) => {
      const path = memoryPath(name);
      return [path, initial(shapes.get(path)!, randomStream(seed, `init/${path}`, 0, 0))];
    }),
  );
}
