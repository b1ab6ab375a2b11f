/** A compiled graph as text, one line a node. */
import type { Attribute, OnnxModel, OnnxValue } from "../onnx/model.ts";

/** Inputs, nodes in order of execution, and outputs of a model. */
export function printGraph(model: OnnxModel): string {
  const lines = [
    `graph ${model.name}`,
    ...model.inputs.map((value) => `  input  ${printValue(value)}`),
    ...model.nodes.map(
      (node) =>
        `  ${node.outputs.join(", ")} = ${node.operator}(${node.inputs.join(", ")})${printAttributes(node.attributes)}`,
    ),
    ...model.outputs.map((value) => `  output ${printValue(value)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function printValue({ name, type, shape }: OnnxValue): string {
  return `${name}: ${type}[${shape.join(", ")}]`;
}

function printAttributes(attributes: Readonly<Record<string, Attribute>>): string {
  const entries = Object.entries(attributes).map(([name, value]) => `${name}=${Object.values(value)}`);
  return entries.length === 0 ? "" : ` {${entries.join("; ")}}`;
}
