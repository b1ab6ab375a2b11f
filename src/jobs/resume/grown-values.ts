/** What becomes of a run's values when its pictures become more. */
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

/** What a run is made of before its pictures become more. */
export interface OldRun {
  memories: readonly Memory[];
  pictures: number;
  /** Paths of its state: what is neither learned, nor the optimiser's, nor a memory. */
  states: ReadonlySet<string>;
  /** Rows that a step writes to each memory, by its name. */
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
 * How many numbers each value of the old run's checkpoints has. They lack state that only more pictures have
 * a need of: a bank has a constant of NCE where not all of its rows are seen.
 */
export function oldLengths({ memories, pictures, states }: OldRun, trainer: Trainer): Map<string, number> {
  const known = [...trainer.values].filter(([path]) => !trainer.states.has(path) || states.has(path));
  const rows = [...memoryShapes(memories, pictures)].map(([path, shape]) => [path, sizeOf(shape)] as const);
  return new Map([...known.map(([path, data]) => [path, data.length] as const), ...rows]);
}

export interface Growth {
  /** The place among the pictures of now of each picture of before. */
  places: Int32Array;
  /** By how many steps the count of steps is raised. */
  steps: number;
}

/**
 * The values of a run with all pictures that go on from those of its checkpoint.
 *
 * @param kept of the checkpoint.
 * @param fresh those that a new run with all pictures starts with.
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

/** The rows of a bank where their pictures are now, among those that new pictures start with. */
function movedRows(from: Float32Array, fresh: Float32Array, places: Int32Array, width: number): Float32Array {
  const to = fresh.slice();
  for (const [row, place] of places.entries())
    to.set(from.subarray(row * width, (row + 1) * width), place * width);
  return to;
}

/** A queue is written to at a place that follows from the count of steps: its rows go as far as that does. */
function turned(from: Float32Array, by: number): Float32Array {
  const { length } = from;
  const start = ((by % length) + length) % length;
  const to = new Float32Array(length);
  to.set(from.subarray(0, length - start), start);
  to.set(from.subarray(length - start));
  return to;
}
