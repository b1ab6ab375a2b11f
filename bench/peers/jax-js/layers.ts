import { numpy as np } from "@jax-js/jax";

/** The trained arrays by PyTorch's names, in PyTorch's shapes. Each is used once in a forward pass. */
export type Parameters = { [name: string]: np.Array };

/** `x·Wᵀ + b` over the last axis. */
export function linear(p: Parameters, name: string, x: np.Array): np.Array {
  return np.matmul(x, np.transpose(p[`${name}.weight`]!)).add(p[`${name}.bias`]!);
}

/** Batch norm with the batch's statistics, ε 1e-5. */
export function batchNorm(p: Parameters, name: string, x: np.Array, channelAxis: number): np.Array {
  const axes = [0, 1, 2, 3];
  const perChannel = axes.map((axis) => (axis === channelAxis ? x.shape[axis]! : 1));
  const others = axes.filter((axis) => axis !== channelAxis);
  const scale = p[`${name}.weight`]!.reshape(perChannel);
  return standardise(x, others, 1e-5).mul(scale).add(p[`${name}.bias`]!.reshape(perChannel));
}

/** Layer norm over the last axis, ε 1e-6. */
export function layerNorm(p: Parameters, name: string, x: np.Array): np.Array {
  return standardise(x, [-1], 1e-6).mul(p[`${name}.weight`]!).add(p[`${name}.bias`]!);
}

function standardise(x: np.Array, axis: number[], epsilon: number): np.Array {
  const centred = x.ref.sub(np.mean(x, axis, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), axis, { keepdims: true });
  return centred.div(np.sqrt(variance.add(epsilon)));
}
