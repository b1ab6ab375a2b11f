/** Initial values of parameters and state, drawn from a stream that belongs to the variable's path. */
import type { RandomStream } from "../random/random-stream.ts";
import { type Shape, sizeOf } from "../tensor/index.ts";

/** The first values of a tensor of `shape`, row-major, drawn from a stream of the variable's own. */
export type Initializer = (shape: Shape, random: RandomStream) => Float32Array;

/** The same value everywhere. */
export function constantInitializer(value: number): Initializer {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/** For biases and running means. */
export const zeros: Initializer = constantInitializer(0);
/** For scales of norms and running variances. */
export const ones: Initializer = constantInitializer(1);

/** U(-bound, bound). */
export function uniform(bound: number): Initializer {
  return (shape, random) => {
    const values = new Float32Array(sizeOf(shape));
    random.fillUniform(values, -bound, bound);
    return values;
  };
}

/** N(0, std²). */
export function normal(std: number): Initializer {
  return (shape, random) => {
    const values = new Float32Array(sizeOf(shape));
    random.fillNormal(values, 0, std);
    return values;
  };
}

/**
 * N(0, std²) cut off at ±`limit`.
 *
 * @param limit absolute; 2, as timm's and DINO's `trunc_normal_` have it, cuts nothing where std is .02.
 */
export function truncatedNormal(std: number, limit = 2): Initializer {
  return (shape, random) =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.truncatedNormal(std, -limit, limit));
}

/** PyTorch's default for linear layers and their biases: U(±1/√fanIn). */
export function fanInUniform(fanIn: number): Initializer {
  return uniform(1 / Math.sqrt(fanIn));
}

/** He et al. 2015 (arXiv 1502.01852) for ReLU, by the fan out, as torchvision's ResNet: N(0, 2/(O·KH·KW)). */
export const kaimingFanOut: Initializer = (shape, random) => {
  const [o, , kh, kw] = shape as [number, number, number, number];
  return normal(Math.sqrt(2 / (o * kh * kw)))(shape, random);
};

/**
 * Glorot and Bengio 2010 for a matrix `[O, I]`, or filters `[O, …]` as the matrix that they are: U(±√(6/(I +
 * O))).
 *
 * @param parts number of matrices of `[O / parts, I]` in it, one below the other, each with its own initial
 * values.
 */
export function xavierUniform(parts = 1): Initializer {
  return (shape, random) => {
    const [o, i] = [shape[0]! / parts, sizeOf(shape) / shape[0]!];
    return uniform(Math.sqrt(6 / (i + o)))(shape, random);
  };
}

/** The values of another initialiser times a factor. */
export function scaled(init: Initializer, factor: number): Initializer {
  return (shape, random) => init(shape, random).map((value) => value * factor);
}
