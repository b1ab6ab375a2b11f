/** The receptive fields of a graph's tensors, by walking it from the picture on. */

import { AfterimageError } from "../../errors.ts";
import { type OperatorName, topologicalOrder } from "../../tensor/index.ts";
import type { Node, Tensor } from "../../tensor/tensor.ts";
import { Branch } from "./branch.ts";
import { plainPart } from "./layout.ts";
import type { MapState } from "./map-state.ts";
import { RULES } from "./rules.ts";

/** A tensor that the picture leads to, and what it sees of the picture. */
export interface TensorField {
  tensor: Tensor;
  state: MapState;
}

/**
 * What each tensor on the way to `outputs` sees of `picture`, in the order of computation. Several ways lead
 * to most of them, such as those through a block and through its shortcut.
 *
 * Batch norms are to be those of evaluation: with the statistics of a batch, all places see all pictures.
 *
 * @param picture the input: pictures `[B, C, H, W]` or sequences `[B, C, T]`.
 * @throws AfterimageError `tensor/shape` for an input of another rank, or one that leads to no output.
 */
export function receptiveFields(outputs: readonly Tensor[], picture: Tensor): TensorField[] {
  if (picture.rank !== 3 && picture.rank !== 4)
    throw unfit("pictures [B, C, H, W] or sequences [B, C, T]", `${picture}`);
  const states = new Map<Tensor, MapState>([[picture, initialState(picture)]]);
  const fields: TensorField[] = [];
  for (const node of topologicalOrder(outputs)) {
    for (const tensor of node.outputs) {
      const state = stateOf(node, tensor, states);
      if (state === null) continue;
      states.set(tensor, state);
      fields.push({ tensor, state });
    }
  }
  if (fields.length === 0) throw unfit("an input that leads to the outputs", `${picture}`);
  return fields;
}

function initialState({ shape, rank }: Tensor): MapState {
  const axes = rank - 2;
  const layout = shape.map((size, axis) => [
    axis < 2 ? plainPart(size) : { size, along: [axis - 2], inOrder: true },
  ]);
  return { layout, branches: [new Branch([], axes)], whole: [] };
}

function stateOf(node: Node, output: Tensor, states: ReadonlyMap<Tensor, MapState>): MapState | null {
  const own = states.get(output);
  if (own !== undefined) return null; // the picture itself
  const given = node.inputs.map((input) => states.get(input) ?? null);
  const [first, ...more] = given.filter((state) => state !== null);
  if (first === undefined) return null;
  return RULES[node.operator.name as OperatorName]({ node, states: given, known: [first, ...more] }, output);
}

function unfit(expected: string, got: string): AfterimageError {
  return new AfterimageError("tensor/shape", {
    what: "the receptive fields of this graph cannot be followed",
    expected,
    got,
  });
}
