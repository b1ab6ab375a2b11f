/** The values of a run after pictures were added. */
import type { Memory } from "../../objectives/memory.ts";
import { PLAIN } from "../../runtime/dialect.ts";
import { sizeOf } from "../../tensor/index.ts";
import { describeRun } from "../../train/describe-run.ts";
import { stepTensors } from "../../train/forms/whole-step.ts";
import { memoryPath, WRITE } from "../../train/graph-names.ts";
import { memoryShapes } from "../../train/host-memories.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { Trainer } from "../../train/trainer.ts";
import type { Values } from "../../train/values.ts";

/** The parts of a run before pictures were added. */
export interface OldRun {
  memories: readonly Memory[];
  pictures: number;
  /** Paths of its state: values that are neither learned, nor slots of the optimiser, nor memories. */
  states: ReadonlySet<string>;
  /** The number of rows that a step writes to each memory, by its name. */
  written: ReadonlyMap<string, number>;
}

export function oldRun(config: RunConfig): OldRun {
  const { options } = describeRun(config);
  const { variables, outputs } = stepTensors({ ...options, dialect: PLAIN });
  const states = variables.all.filter(({ kind }) => kind === "state").map(({ path }) => path);
  const { pictures } = options;
  const { memories } = options.objective;
  const written = memories.map(({ name }) => [name, outputs[`${WRITE}${name}`]?.shape[0] ?? 0] as const);
  return { memories, pictures, states: new Set(states), written: new Map(written) };
}

/**
 * The length of each value in the old run's checkpoints. They lack state that only more pictures need: a bank
 * has a constant of NCE if not all of its rows are seen.
 */
export function oldLengths({ memories, pictures, states }: OldRun, trainer: Trainer): Map<string, number> {
  const known = [...trainer.values].filter(([path]) => !trainer.states.has(path) || states.has(path));
  const rows = [...memoryShapes(memories, pictures)].map(([path, shape]) => [path, sizeOf(shape)] as const);
  return new Map([...known.map(([path, data]) => [path, data.length] as const), ...rows]);
}

export interface Growth {
  /** The index of each earlier picture among the present ones. */
  places: Int32Array;
  /** The increase of the number of steps. */
  steps: number;
}

/**
 * The values with which a run with all pictures continues from its checkpoint.
 *
 * @param kept the values of the checkpoint.
 * @param fresh the values with which a new run with all pictures starts.
 */
export function grownValues(kept: Values, fresh: Values, old: OldRun, { places, steps }: Growth): Values {
  const values = new Map([...fresh, ...kept]);
  for (const memory of old.memories) {
    const path = memoryPath(memory.name);
    const rows = kept.get(path)!;
    values.set(
      path,
      memory.kind === "bank"
        ? movedRows(rows, fresh.get(path)!, places, memory.width)
        : turned(rows, steps * old.written.get(memory.name)! * memory.width),
    );
  }
  return values;
}

/** The rows of a bank at the present places of their pictures, among the first rows of new pictures. */
function movedRows(from: Float32Array, fresh: Float32Array, places: Int32Array, width: number): Float32Array {
  const to = fresh.slice();
  for (const [row, place] of places.entries())
    to.set(from.subarray(row * width, (row + 1) * width), place * width);
  return to;
}

/**
 * The place where a step writes to a queue follows from the number of steps, so its rows are rotated by the
 * same amount.
 */
function turned(from: Float32Array, by: number): Float32Array {
  const { length } = from;
  const start = ((by % length) + length) % length;
  const to = new Float32Array(length);
  to.set(from.subarray(0, length - start), start);
  to.set(from.subarray(length - start));
  return to;
}
