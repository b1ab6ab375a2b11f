/** One graph made from another, node by node: how a graph is brought into a form that suits what runs it. */
import { topologicalOrder } from "./gradient.ts";
import { apply, labelled, type Node, type Operator, type Tensor, type Tensors } from "./tensor.ts";

/**
 * What becomes of a node, given its inputs in the new graph: as many tensors as it has outputs, or null to keep the
 * node as it is. What the new graph does not use is not computed.
 */
export type RewriteRule = (node: Node, inputs: readonly Tensor[]) => readonly Tensor[] | null;

/** The rule for nodes of one operator, which knows the types of its inputs and attributes. */
export function ruleFor<A, I extends Tensors, O extends Tensors>(
  operator: Operator<A, I, O>,
  replace: (inputs: I, attrs: A, node: Node<I, O>) => readonly Tensor[] | null,
): RewriteRule {
  return (node, inputs) =>
    node.operator.name === operator.name
      ? replace(inputs as unknown as I, node.attrs as A, node as unknown as Node<I, O>)
      : null;
}

/** The graph of `outputs` with `rule` applied to every node, inputs before users. */
export function rewrite(
  outputs: Readonly<Record<string, Tensor>>,
  rule: RewriteRule,
): Readonly<Record<string, Tensor>> {
  const made = new Map<Tensor, Tensor>();
  for (const node of topologicalOrder(Object.values(outputs))) {
    const results = labelled(node.label, () => rewriteNode(node, made, rule));
    for (const [index, output] of node.outputs.entries()) made.set(output, results[index]!);
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, made.get(tensor)!]));
}

function rewriteNode(node: Node, made: ReadonlyMap<Tensor, Tensor>, rule: RewriteRule): readonly Tensor[] {
  const inputs = node.inputs.map((input) => made.get(input)!);
  const replaced = rule(node, inputs);
  if (replaced !== null) return replaced;
  const isSame = inputs.every((input, i) => input === node.inputs[i]);
  return isSame ? node.outputs : apply(node.operator, inputs, node.attrs);
}

/** How often each tensor is used, as an input of a node or as one of `outputs`. */
export function countUses(outputs: readonly Tensor[]): ReadonlyMap<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor) => uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  outputs.forEach(count);
  for (const node of topologicalOrder(outputs)) node.inputs.forEach(count);
  return uses;
}
