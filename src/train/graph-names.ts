/**
 * Names of the inputs and outputs of a step's graphs: a prefix that says what it is, and the name that it has
 * there. Parameters, state, slots and memories are inputs under their own paths.
 */

/** Output: the next value of the input of this name. */
export const NEXT = "next:";
/** Output: a number to report. */
export const METRIC = "metric:";
/** Output: rows to be written to the memory of this name. */
export const WRITE = "write:";
/** Input, and after {@link NEXT} output: the sum of a parameter's gradients so far. */
export const GRADIENT = "gradient:";
/** Output of one program and input of another: what was embedded. */
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
/** Input: the steps that a gated parameter has learned. */
export const OWN_STEP = "step:";
/** Inputs of a memory beside its rows, which go by {@link memoryPath}. */
export const MEMORY_INPUT = { own: "own:", pool: "pool:", places: "places:" } as const;

/** The scalar that moves the teacher. */
export const TEACHER_MOMENTUM = "teacher_momentum";
/** Where the moving average lives, beside the network that learns. */
export const TEACHER = "teacher";

/** Where a memory's rows stand among a run's values. */
export function memoryPath(name: string): string {
  return `memory.${name}`;
}

/** The same entries with a prefix before their names. */
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
