/** The values of a network's variables: their first values, and those of the encoder. */
import type { Backbone } from "../backbones/backbone.ts";
import { Scope } from "../nn/scope.ts";
import { type Variable, Variables } from "../nn/variables.ts";
import { randomStream } from "../random/random-stream.ts";
import { input, type Shape, sizeOf } from "../tensor/index.ts";
import { TEACHER } from "./graph-names.ts";

/** Values by path, row-major. */
export type Values = Map<string, Float32Array>;

/**
 * First values of all variables and optimiser slots. Each is a function of the seed and its own path, so that
 * adding a layer changes no other value. The teacher starts as a copy of the student; slots start at zero.
 */
export function initialValues(
  variables: readonly Variable[],
  slots: ReadonlyMap<string, readonly number[]>,
  seed: number,
): Values {
  const values: Values = new Map();
  for (const { path, shape, initial } of variables) {
    const origin = path.startsWith(`${TEACHER}.`) ? path.slice(TEACHER.length + 1) : path;
    values.set(path, initial(shape, randomStream(seed, `init/${origin}`, 0, 0)));
  }
  for (const [path, shape] of slots) values.set(path, new Float32Array(sizeOf(shape)));
  return values;
}

/** The network whose backbone is a run's encoder. */
type EncoderPlace = "student" | "teacher";

const prefixOf = (from: EncoderPlace) => (from === "teacher" ? `${TEACHER}.backbone.` : "backbone.");

/** The length of each of the encoder's values, by its path among a run's values. */
export function encoderLengths(
  backbone: Backbone,
  imageSize: number,
  from: EncoderPlace,
): ReadonlyMap<string, number> {
  const { all } = encoderVariables(backbone, imageSize);
  return new Map(all.map(({ path, shape }) => [path.replace(/^backbone\./, prefixOf(from)), sizeOf(shape)]));
}

/** The shape of each of the encoder's values, by its bare name. */
export function encoderShapes(backbone: Backbone, imageSize: number): ReadonlyMap<string, Shape> {
  const { all } = encoderVariables(backbone, imageSize);
  return new Map(all.map(({ path, shape }) => [path.replace(/^backbone\./, ""), shape]));
}

/** The backbone's values under bare names, from the student's or the teacher's place in a run's values. */
export function encoderValues(values: Values, from: EncoderPlace): Values {
  const prefix = prefixOf(from);
  const entries = [...values].filter(([path]) => path.startsWith(prefix));
  return new Map(entries.map(([path, data]) => [path.slice(prefix.length), data]));
}

/** The values that a backbone starts from in a run with this seed, by bare name: the untrained network. */
export function initialEncoderValues(backbone: Backbone, run: { imageSize: number; seed: number }): Values {
  const { all } = encoderVariables(backbone, run.imageSize);
  return encoderValues(initialValues(all, new Map(), run.seed), "student");
}

/** The variables of a backbone without the rest of the network. */
function encoderVariables(backbone: Backbone, imageSize: number): Variables {
  const variables = new Variables();
  const scope = new Scope(variables, "backbone", { training: false, trainable: true });
  backbone.build(scope, input("pictures", [1, 3, imageSize, imageSize]));
  return variables;
}
