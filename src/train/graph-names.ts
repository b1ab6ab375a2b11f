/**
 * Names of the inputs and outputs of a step's graphs: a prefix for the kind, followed by the name within that
 * kind. Parameters, state, slots and memories are inputs under their own paths.
 */

/** Output: the next value of the input of this name. */
export const NEXT = "next:";
/** Output: a number to report. */
export const METRIC = "metric:";
/** Output: rows to be written to the memory of this name. */
export const WRITE = "write:";
/** Input, and after {@link NEXT} output: the sum of a parameter's gradients so far. */
export const GRADIENT = "gradient:";
/** Embeddings: output of one program and input of another. */
export const EMBEDDING = "embedding:";
/** The loss's gradient with respect to an embedding: output of one program, input of another. */
export const SEED = "seed:";
/** Input: a scheduled scalar of the objective. */
export const SCALAR = "scalar:";
/** Input: the parameters of a view, `view:<group>.<index>`. */
export const VIEW = "view:";
/** Input: numbers that the host draws. */
export const DRAW = "draw:";
/** Input: a target of the pictures. */
export const TARGET = "target:";
/** Input: the number of steps that a gated parameter has learned. */
export const OWN_STEP = "step:";
/** Inputs of a memory in addition to its rows, whose name is {@link memoryPath}. */
export const MEMORY_INPUT = { own: "own:", pool: "pool:", places: "places:" } as const;

/** The scalar of the teacher's momentum. */
export const TEACHER_MOMENTUM = "teacher_momentum";
/** The path of the moving average, next to the network that learns. */
export const TEACHER = "teacher";

/** The path of a memory's rows among a run's values. */
export function memoryPath(name: string): string {
  return `memory.${name}`;
}

/** The same entries with a prefix added to their names. */
export function prefixed<T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** The entries with a prefix, by their names without it. */
export function stripped<T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> {
  const own = Object.entries(record).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** The entries without a prefix. */
export function without<T>(record: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !name.startsWith(prefix)));
}
