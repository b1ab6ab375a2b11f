/** From symbolic tensors to one ONNX model. */
import { AfterimageError } from "../errors.ts";
import { encodeModel, type OnnxModel } from "../onnx/model.ts";
import { lowerToBlocks } from "./blocks/lower-to-blocks.ts";
import { fillGaps, type KernelGap } from "./gaps/fill-gaps.ts";
import { topologicalOrder } from "./gradient.ts";
import { GraphWriter, type WriterOptions } from "./graph-writer.ts";
import { derivativeOperator, type InputAttrs, inputOperator, stopGradientOperator } from "./ops/source.ts";
import { peakBytes } from "./peak-memory.ts";
import { rewrite } from "./rewrite.ts";
import type { DType, Node, Shape, Tensor, TensorData } from "./tensor.ts";

export interface CompileOptions extends WriterOptions {
  /** Channels in a block, for providers that convolve pictures in blocks; 0 for none. */
  blockSize?: number;
  /** What the provider's kernels lack, and the graph is to do without. */
  gaps?: readonly KernelGap[];
  name?: string;
  metadata?: Readonly<Record<string, string>>;
  /** Inputs to write into the model as constants of the same name: an encoder with its weights. */
  values?: ReadonlyMap<string, TensorData>;
}

export interface ProgramInput {
  name: string;
  shape: Shape;
  dtype: DType;
}

/** A compiled graph: its ONNX bytes, and what must be fed and comes out. */
export interface Program {
  model: OnnxModel;
  bytes: Uint8Array;
  /** Their shapes have the stand-in's size on open axes. */
  inputs: readonly ProgramInput[];
  outputs: readonly ProgramInput[];
  /** See `peakBytes`: an estimate of what it takes while it runs, beside what is fed and written into it. */
  peakBytes: number;
  /** The open axis, if there is one: its stand-in and its name. */
  symbolic?: { size: number; name: string };
}

/**
 * Compiles the graph that computes `outputs`. Only what they depend on is written.
 *
 * @throws AfterimageError `tensor/input` when two inputs, or an input and an output, share a name, or a value does not
 * fit its input; `tensor/shape` when an open axis is used where ONNX needs a size.
 */
export function compile(outputs: Readonly<Record<string, Tensor>>, options: CompileOptions = {}): Program {
  const lowered = lower(outputs, options);
  const results = Object.entries(lowered);
  const order = topologicalOrder(Object.values(lowered));
  const inputs = inputsByName(order);
  refuseAmbiguity(inputs, lowered);
  const writer = new GraphWriter(options, [...inputs.keys(), ...Object.keys(lowered)]);
  writeNodes(writer, order, lowered);
  for (const [name, tensor] of inputs) {
    const value = options.values?.get(name);
    if (value !== undefined && inputs.delete(name)) writer.initializer(name, value, tensor);
  }
  const model: OnnxModel = {
    name: options.name ?? "afterimage",
    nodes: writer.nodes,
    initializers: [...writer.initializers.values()],
    inputs: [...inputs].map(([name, tensor]) => writer.value(name, tensor)),
    outputs: results.map(([name, tensor]) => writer.value(name, tensor)),
    metadata: options.metadata ?? {},
    opset: writer.opset,
  };
  const describe = ([name, { shape, dtype }]: [string, Tensor]) => ({ name, shape, dtype });
  return {
    model,
    bytes: encodeModel(model),
    inputs: [...inputs].map(describe),
    outputs: results.map(describe),
    peakBytes: peakBytes(order, Object.values(lowered)),
    ...(options.symbolic === undefined ? {} : { symbolic: options.symbolic }),
  };
}

/** The graph in a form that can be written: nothing left that only served differentiation, nothing to be expanded. */
function lower(
  outputs: Readonly<Record<string, Tensor>>,
  { blockSize = 0, gaps = [] }: CompileOptions,
): Readonly<Record<string, Tensor>> {
  const bare = rewrite(outputs, ({ operator }, inputs) =>
    operator.name === derivativeOperator.name || operator.name === stopGradientOperator.name
      ? inputs.slice(0, 1)
      : null,
  );
  const laidOut = blockSize === 0 ? bare : lowerToBlocks(bare, blockSize);
  const written = rewrite(laidOut, ({ operator, attrs }, inputs) =>
    "expand" in operator ? operator.expand(inputs, attrs) : null,
  );
  return fillGaps(written, gaps);
}

function writeNodes(
  writer: GraphWriter,
  order: readonly Node[],
  outputs: Readonly<Record<string, Tensor>>,
): void {
  const names = new Map<Tensor, string>();
  for (const node of order) {
    const given = node.inputs.map((input) => names.get(input)!);
    const { operator } = node;
    if (!("emit" in operator)) throw new Error(`${operator.name} is written in others`);
    const made = writer.within(node.label, () => operator.emit(writer, given, node.attrs, node));
    for (const [index, tensor] of node.outputs.entries()) names.set(tensor, made[index]!);
  }
  writer.publish(Object.entries(outputs).map(([name, tensor]) => [names.get(tensor)!, name]));
}

function inputsByName(order: readonly Node[]): Map<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  for (const node of order) {
    if (node.operator.name !== inputOperator.name) continue;
    const { name } = node.attrs as InputAttrs;
    if (inputs.has(name)) {
      throw new AfterimageError("tensor/input", {
        what: `two graph inputs are called ${name}`,
        todo: "Give each its own name.",
      });
    }
    inputs.set(name, node.outputs[0]);
  }
  return inputs;
}

function refuseAmbiguity(
  inputs: ReadonlyMap<string, Tensor>,
  outputs: Readonly<Record<string, Tensor>>,
): void {
  const names = Object.keys(outputs);
  if (names.length === 0) throw new AfterimageError("tensor/input", { what: "a graph needs an output" });
  const both = names.find((name) => inputs.has(name));
  if (both !== undefined) {
    throw new AfterimageError("tensor/input", {
      what: `an input and an output of the graph are both called ${both}`,
      todo: "Give each its own name.",
    });
  }
}
