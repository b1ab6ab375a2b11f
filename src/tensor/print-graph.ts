/** A compiled graph as text, one line a node. */
import type { Attribute, OnnxInitializer, OnnxModel, OnnxNode, OnnxValue } from "../onnx/model.ts";

/** Inputs, constants, nodes in order of execution, and outputs of a model. */
export function printGraph(model: OnnxModel): string {
  const lines = [
    `graph ${model.name}`,
    ...model.inputs.map((value) => `  input    ${printValue(value)}`),
    ...model.initializers.map((constant) => `  constant ${printValue(constant)}`),
    ...model.nodes.map((node) => `  ${printNode(node)}`),
    ...model.outputs.map((value) => `  output   ${printValue(value)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function printNode({ domain, operator, inputs, outputs, attributes }: OnnxNode): string {
  const name = domain === "" ? operator : `${domain}.${operator}`;
  return `${outputs.join(", ")} = ${name}(${inputs.join(", ")})${printAttributes(attributes)}`;
}

function printValue({ name, type, shape }: OnnxValue | OnnxInitializer): string {
  return `${name}: ${type}[${shape.join(", ")}]`;
}

function printAttributes(attributes: Readonly<Record<string, Attribute>>): string {
  const entries = Object.entries(attributes).map(([name, value]) => `${name}=${Object.values(value)}`);
  return entries.length === 0 ? "" : ` {${entries.join("; ")}}`;
}
