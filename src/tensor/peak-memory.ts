/** How much memory a graph takes while it runs, from its shapes alone. */
import { reshapeOperator } from "./ops/movement.ts";
import { type DType, type Node, sizeOf, type Tensor } from "./tensor.ts";

const BYTES: Record<DType, number> = { float32: 4, int32: 4, int64: 8, uint8: 1, bool: 1 };

/**
 * The most bytes of values that are alive at one time when the nodes run in this order: each is made when its
 * node runs and let go after its last use. A reshape takes no memory, and a pointwise operator writes over an
 * operand that is not used again. Inputs and constants do not count: they are there before.
 *
 * An estimate: the runtime plans in a similar way, but rounds up and keeps scratch space.
 */
export function peakBytes(order: readonly Node[], outputs: readonly Tensor[]): number {
  const owners = ownersOf(order);
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor, by: number) => {
    const owner = owners.get(tensor)!;
    uses.set(owner, (uses.get(owner) ?? 0) + by);
    return uses.get(owner)!;
  };
  for (const { inputs } of order) for (const input of inputs) count(input, 1);
  for (const output of outputs) count(output, 1);
  let [alive, peak] = [0, 0];
  for (const node of order) {
    const made = node.inputs.length === 0 ? 0 : ownBytes(node, owners);
    const ended = node.inputs.filter((input) => count(input, -1) === 0).map((input) => owners.get(input)!);
    const freed = [...new Set(ended)].reduce((sum, tensor) => sum + madeBytes(tensor), 0);
    const reuses = node.operator.pointwise && ended.some((tensor) => madeBytes(tensor) === made);
    peak = Math.max(peak, alive + (reuses ? 0 : made));
    alive += made - freed;
  }
  return peak;
}

/** For each tensor, the tensor that owns its memory. */
function ownersOf(order: readonly Node[]): ReadonlyMap<Tensor, Tensor> {
  const owners = new Map<Tensor, Tensor>();
  for (const node of order) {
    const isView = node.operator.name === reshapeOperator.name;
    for (const output of node.outputs) owners.set(output, isView ? owners.get(node.inputs[0]!)! : output);
  }
  return owners;
}

function ownBytes(node: Node, owners: ReadonlyMap<Tensor, Tensor>): number {
  return node.outputs.reduce((sum, output) => sum + (owners.get(output) === output ? bytesOf(output) : 0), 0);
}

/** Bytes that the tensor's node allocates: none for inputs and constants. */
function madeBytes(tensor: Tensor): number {
  return tensor.node.inputs.length === 0 ? 0 : bytesOf(tensor);
}

function bytesOf({ shape, dtype }: Tensor): number {
  return sizeOf(shape) * BYTES[dtype];
}
