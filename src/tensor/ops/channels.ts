/**
 * What batch norm is made of: statistics of each channel over batch and places, and a factor and a summand for each
 * channel. x is `[B, C, …]`, what belongs to a channel `[C]`. As operators of their own they take few passes over memory.
 */
import {
  apply,
  apply1,
  FLOAT,
  type One,
  type Operator,
  requireType,
  type Some,
  sameShape,
  shapeError,
  sizeOfAxis,
  type Tensor,
  type Three,
  type Two,
} from "../tensor.ts";
import { emitReduce } from "./axes.ts";
import { mul, sub } from "./elementwise.ts";
import { expand, reshape, sum } from "./movement.ts";

/** All axes of `[B, C, …]` but that of the channels. */
export function axesOfChannels(x: Tensor): number[] {
  return x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
}

function channelsOf(x: Tensor): number {
  return sizeOfAxis(x, 1, "an operator of channels");
}

/** `[C]` as `[1, C, 1, …]`, which broadcasts over x. */
function broadcast(perChannel: Tensor, x: Tensor): Tensor {
  return reshape(
    perChannel,
    x.shape.map((size, axis) => (axis === 1 ? size : 1)),
  );
}

function requireChannels(operator: string, inputs: Some): void {
  requireType(operator, FLOAT, inputs);
  const [x, ...rest] = inputs;
  if (x.rank >= 2 && rest.every(({ shape }) => sameShape(shape, [channelsOf(x)]))) return;
  throw shapeError(operator, "x [B, C, …] and [C] for what belongs to the channels", inputs);
}

export const channelAffineOperator: Operator<null, Three, One> = {
  name: "channelAffine",
  infer(inputs) {
    requireChannels("channelAffine", inputs);
    return [inputs[0]];
  },
  gradient: {
    rule: ({ inputs: [x, gain], grads: [g] }) => [
      mul(g, broadcast(gain, x)),
      channelDot(g, x),
      sum(g, axesOfChannels(x)),
    ],
  },
  emit(e, [x, gain, shift], _attrs, { inputs }) {
    const shape = inputs[0].shape.map((size, axis) => (axis === 1 ? size : 1));
    const wide = (name: string) => e.node("Reshape", [name, e.shape(shape)])[0];
    const scaled = e.node("Mul", [x, wide(gain)])[0];
    return e.node("Add", [scaled, wide(shift)]);
  },
};

export const channelDotOperator: Operator<null, Two, One> = {
  name: "channelDot",
  infer(inputs) {
    requireType("channelDot", FLOAT, inputs);
    const [a, b] = inputs;
    if (a.rank < 2 || !sameShape(a.shape, b.shape))
      throw shapeError("channelDot", "two tensors [B, C, …] of one shape", inputs);
    return [{ shape: [channelsOf(a)], dtype: "float32" }];
  },
  gradient: {
    rule: ({ inputs: [a, b], grads: [g] }) => [mul(b, broadcast(g, a)), mul(a, broadcast(g, a))],
  },
  emit(e, [a, b], _attrs, { inputs }) {
    const product = e.node("Mul", [a, b])[0];
    return emitReduce(e, "ReduceSum", product, { axes: axesOfChannels(inputs[0]), keepDims: false });
  },
};

export const channelMomentsOperator: Operator<null, One, Two> = {
  name: "channelMoments",
  infer(inputs) {
    requireChannels("channelMoments", inputs);
    const each = { shape: [channelsOf(inputs[0])], dtype: "float32" } as const;
    return [each, each];
  },
  gradient: {
    // n elements in a channel: dμ/dx = 1/n and dσ²/dx = 2(x - μ)/n.
    rule({ inputs: [x], outputs: [mean], grads: [gMean = null, gVariance = null] }) {
      const share = channelsOf(x) / x.size;
      if (gVariance === null) return [gMean && expand(broadcast(mul(gMean, share), x), x.shape)];
      const slope = mul(gVariance, 2 * share);
      const centre = mul(slope, mean);
      const offset = gMean === null ? mul(centre, -1) : sub(mul(gMean, share), centre);
      return [channelAffine(x, slope, offset)];
    },
  },
  emit(e, [x], _attrs, { inputs }) {
    const axes = axesOfChannels(inputs[0]);
    const kept = emitReduce(e, "ReduceMean", x, { axes, keepDims: true })[0];
    const centred = e.node("Sub", [x, kept])[0];
    const squares = e.node("Mul", [centred, centred])[0];
    const variance = emitReduce(e, "ReduceMean", squares, { axes, keepDims: false })[0];
    return [e.node("Reshape", [kept, e.shape([channelsOf(inputs[0])])])[0], variance];
  },
};

/**
 * `x · gain + shift` of x `[B, C, …]`, with gain and shift `[C]`.
 *
 * @throws AfterimageError `tensor/shape` when these do not fit; so do the two that follow.
 */
export function channelAffine(x: Tensor, gain: Tensor, shift: Tensor): Tensor {
  return apply1(channelAffineOperator, [x, gain, shift], null);
}

/** For each channel the sum of the products a·b over batch and places, `[C]`; a and b `[B, C, …]` of one shape. */
export function channelDot(a: Tensor, b: Tensor): Tensor {
  return apply1(channelDotOperator, [a, b], null);
}

/** Mean and biased variance of each channel of x `[B, C, …]`, `[C]` each. */
export function channelMoments(x: Tensor): { mean: Tensor; variance: Tensor } {
  const [mean, variance] = apply(channelMomentsOperator, [x], null);
  return { mean: mean, variance: variance };
}
