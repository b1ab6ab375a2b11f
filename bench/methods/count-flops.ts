import { sizeOf, type Tensor, topologicalOrder } from "afterimage/tensor";

/** Operations of a node, by the name of its operator: two for every multiplication with its addition. */
const COUNTS: Readonly<Record<string, (node: Tensor["node"]) => number>> = {
  matmul: ({ inputs: [a], outputs: [y], attrs }) =>
    2 * y!.size * ((attrs as { transposeA?: boolean }).transposeA ? a!.shape.at(-2)! : a!.shape.at(-1)!),
  affine: ({ inputs: [, w], outputs: [y] }) => 2 * y!.size * w!.shape[1]!,
  convolution: ({ inputs: [, w], outputs: [y] }) => 2 * y!.size * sizeOf(w!.shape.slice(1)),
  // Every input element meets every element of its filters, in either direction of the convolution.
  transposedConvolution: ({ inputs: [x, w] }) => 2 * x!.size * sizeOf(w!.shape.slice(1)),
  filterGradient: ({ inputs: [, g], attrs }) =>
    2 * g!.size * sizeOf((attrs as { shape: number[] }).shape.slice(1)),
};

/** Floating-point operations of the products and convolutions behind some tensors. */
export function countFlops(outputs: readonly Tensor[]): number {
  return topologicalOrder(outputs).reduce((sum, node) => sum + (COUNTS[node.operator.name]?.(node) ?? 0), 0);
}
