/** Reverse-mode differentiation: one walk over the graph from a scalar back to the tensors asked for. */
import { AfterimageError } from "../errors.ts";
import { add } from "./ops/elementwise.ts";
import { full, scalar } from "./ops/source.ts";
import {
  FLOAT,
  type GradientContext,
  labelled,
  type Node,
  requireType,
  sameShape,
  type Tensor,
} from "./tensor.ts";

/**
 * Gradients of the scalar `loss` with respect to each of `wrt`, as tensors of the same graph.
 * A tensor that the loss does not depend on gets zeros; so does one that it depends on only through operators
 * without derivative (comparisons, indices, steps), through which no gradient passes.
 *
 * @throws AfterimageError `tensor/gradient` when the loss is no float scalar or when a rule returns gradients that do
 * not fit its inputs; `tensor/dtype` when one of `wrt` is not float32.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  return gradientsOrNull(loss, wrt).map((grad, i) => grad ?? full(wrt[i]!.shape, 0));
}

/** {@link gradients}, with null instead of zeros for a tensor that gets no gradient. */
export function gradientsOrNull(loss: Tensor, wrt: readonly Tensor[]): (Tensor | null)[] {
  if (loss.size !== 1 || loss.dtype !== "float32") {
    throw new AfterimageError("tensor/gradient", {
      what: "only a scalar can be differentiated",
      expected: "float32 with one element",
      got: `${loss}`,
    });
  }
  return pullBack([loss], [loss.rank === 0 ? scalar(1) : full(loss.shape, 1)], wrt);
}

/**
 * The vector-Jacobian product: gradients of `Σ seeds·outputs` with respect to each of `wrt`. Each seed has the shape
 * of its output.
 *
 * @throws AfterimageError as {@link gradients}, and `tensor/gradient` when the seeds do not fit the outputs.
 */
export function gradientsFrom(
  outputs: readonly Tensor[],
  seeds: readonly Tensor[],
  wrt: readonly Tensor[],
): Tensor[] {
  return pullBack(outputs, seeds, wrt).map((grad, i) => grad ?? full(wrt[i]!.shape, 0));
}

/** {@link gradientsFrom}, with null for what the outputs do not depend on, or only so that no gradient passes. */
export function pullBack(
  outputs: readonly Tensor[],
  seeds: readonly Tensor[],
  wrt: readonly Tensor[],
): (Tensor | null)[] {
  for (const tensor of [...outputs, ...wrt]) requireType("gradients", FLOAT, [tensor]);
  checkSeeds(outputs, seeds);
  const order = topologicalOrder(outputs);
  const reached = nodesThatReach(order, wrt);
  const sums = new Map<Tensor, Tensor>();
  for (const [index, output] of outputs.entries()) accumulate(sums, output, seeds[index]!);
  for (const node of order.toReversed()) {
    if (!reached.has(node) || node.inputs.length === 0) continue;
    const [first, ...more] = node.outputs;
    const gradOf = (output: Tensor) => sums.get(output) ?? null;
    const grads = [gradOf(first), ...more.map(gradOf)] as const;
    if (grads.some((grad) => grad !== null)) backThrough(node, grads, reached, sums);
  }
  return wrt.map((tensor) => sums.get(tensor) ?? null);
}

function checkSeeds(outputs: readonly Tensor[], seeds: readonly Tensor[]): void {
  const fits = (output: Tensor, seed: Tensor | undefined) =>
    seed !== undefined && seed.dtype === output.dtype && sameShape(seed.shape, output.shape);
  if (seeds.length === outputs.length && outputs.every((output, i) => fits(output, seeds[i]))) return;
  throw new AfterimageError("tensor/gradient", {
    what: "the seed gradients do not match the outputs",
    expected: outputs.join(" and "),
    got: seeds.join(" and ") || "none",
  });
}

function backThrough(
  node: Node,
  grads: GradientContext<unknown>["grads"],
  reached: ReadonlySet<Node>,
  sums: Map<Tensor, Tensor>,
): void {
  const { operator, inputs, outputs, attrs } = node;
  const { gradient } = operator;
  if (gradient === "non-differentiable") return;
  const label = node.label ? `${node.label}.grad` : "grad";
  const results = labelled(label, () => gradient.rule({ inputs, outputs, grads, attrs }));
  check(node, results);
  for (const [index, input] of inputs.entries()) {
    const result = results[index] ?? null;
    if (result !== null && reached.has(input.node)) labelled(label, () => accumulate(sums, input, result));
  }
}

function accumulate(sums: Map<Tensor, Tensor>, tensor: Tensor, grad: Tensor): void {
  const earlier = sums.get(tensor);
  sums.set(tensor, earlier === undefined ? grad : add(earlier, grad));
}

function check(node: Node, results: readonly (Tensor | null)[]): void {
  const wrong = (expected: string, got: string) =>
    new AfterimageError("tensor/gradient", {
      what: `the derivative rule of ${node.operator.name} is wrong`,
      where: node.label || `node ${node.id}`,
      expected,
      got,
    });
  if (results.length !== node.inputs.length) {
    throw wrong(`${node.inputs.length} gradients`, `${results.length}`);
  }
  for (const [index, input] of node.inputs.entries()) {
    const result = results[index] ?? null;
    if (result !== null && (!sameShape(result.shape, input.shape) || result.dtype !== input.dtype)) {
      throw wrong(`${input.dtype}[${input.shape}] for input ${index}`, `${result.dtype}[${result.shape}]`);
    }
  }
}

/** Nodes that `outputs` depend on, inputs before users. Iterative: graphs are deeper than the call stack. */
export function topologicalOrder(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  const stack = outputs.map((tensor) => tensor.node).reverse();
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    if (state.get(node) === undefined) {
      state.set(node, "open");
      for (const { node: before } of node.inputs.toReversed()) if (!state.has(before)) stack.push(before);
    } else {
      stack.pop();
      if (state.get(node) === "open") {
        state.set(node, "done");
        order.push(node);
      }
    }
  }
  return order;
}

function nodesThatReach(order: readonly Node[], wrt: readonly Tensor[]): Set<Node> {
  const reached = new Set(wrt.map((tensor) => tensor.node));
  for (const node of order) {
    if (node.operator.gradient === "non-differentiable") continue;
    if (node.inputs.some((input) => reached.has(input.node))) reached.add(node);
  }
  return reached;
}
