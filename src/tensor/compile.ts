/** From symbolic tensors to one ONNX model. */
import { AfterimageError } from "../errors.ts";
import {
  type Attribute,
  encodeModel,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from "../onnx/model.ts";
import { topologicalOrder } from "./gradient.ts";
import { type InputAttrs, inputOperator } from "./ops/source.ts";
import type { DType, Emitter, Shape, Tensor, TensorData } from "./tensor.ts";

export interface CompileOptions {
  name?: string;
  /** Whether the provider has ONNX Runtime's own (`com.microsoft`) operators. Off for models that leave the project. */
  contrib?: boolean;
  /**
   * A size that stands for an axis left open in the model, with the name to give it. It must be a prime that no
   * other size is a multiple of; axes that are a multiple of it are written as open.
   */
  symbolic?: { size: number; name: string };
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
  inputs: readonly ProgramInput[];
  outputs: readonly ProgramInput[];
}

/**
 * Compiles the graph that computes `outputs`. Only what they depend on is written.
 *
 * @throws AfterimageError `tensor/input` when two inputs share a name.
 */
export function compile(outputs: Readonly<Record<string, Tensor>>, options: CompileOptions = {}): Program {
  const writer = new GraphWriter(options);
  const names = new Map<Tensor, string>();
  const inputs = new Map<string, Tensor>();
  for (const node of topologicalOrder(Object.values(outputs))) {
    if (node.operator.name === inputOperator.name) registerInput(inputs, node.outputs[0]!);
    const given = node.inputs.map((input) => names.get(input)!);
    const made = writer.within(node.label, () => node.operator.emit(writer, given, node.attrs, node));
    for (const [index, tensor] of node.outputs.entries()) names.set(tensor, made[index]!);
  }
  for (const [name, tensor] of inputs) {
    const value = options.values?.get(name);
    if (value !== undefined && inputs.delete(name)) writer.initializer(name, value, tensor);
  }
  // Identity gives every output its public name, whatever it is an alias of; the runtime removes it where it can.
  for (const [name, tensor] of Object.entries(outputs)) writer.alias(names.get(tensor)!, name);
  const model: OnnxModel = {
    name: options.name ?? "afterimage",
    nodes: writer.nodes,
    initializers: [...writer.initializers.values()],
    inputs: [...inputs].map(([name, tensor]) => writer.value(name, tensor)),
    outputs: Object.entries(outputs).map(([name, tensor]) => writer.value(name, tensor)),
    metadata: options.metadata ?? {},
  };
  const describe = (name: string, { shape, dtype }: Tensor) => ({ name, shape, dtype });
  return {
    model,
    bytes: encodeModel(model),
    inputs: [...inputs].map(([name, tensor]) => describe(name, tensor)),
    outputs: Object.entries(outputs).map(([name, tensor]) => describe(name, tensor)),
  };
}

function registerInput(inputs: Map<string, Tensor>, tensor: Tensor): void {
  const { name } = tensor.node.attrs as InputAttrs;
  if (inputs.has(name)) {
    throw new AfterimageError("tensor/input", {
      what: `two graph inputs are called ${name}`,
      todo: "Give each its own name.",
    });
  }
  inputs.set(name, tensor);
}

class GraphWriter implements Emitter {
  readonly contrib: boolean;
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, OnnxInitializer>();
  readonly #symbolic: CompileOptions["symbolic"];
  readonly #constants = new Map<string, string>();
  readonly #used = new Map<string, number>();
  #label = "";

  constructor({ contrib = false, symbolic }: CompileOptions) {
    this.contrib = contrib;
    this.#symbolic = symbolic;
  }

  within<T>(label: string, emit: () => T): T {
    this.#label = label;
    return emit();
  }

  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { outputs = 1, domain = "" }: { outputs?: number; domain?: string } = {},
  ): string[] {
    const name = this.#unique(`${this.#label}/${operator}`);
    const results = outputs === 1 ? [`${name}:0`] : Array.from({ length: outputs }, (_, i) => `${name}:${i}`);
    this.nodes.push({ name, operator, domain, inputs, outputs: results, attributes });
    return results;
  }

  alias(from: string, to: string): void {
    const name = this.#unique(`output/${to}`);
    this.nodes.push({
      name,
      operator: "Identity",
      domain: "",
      inputs: [from],
      outputs: [to],
      attributes: {},
    });
  }

  int64(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  shape(shape: Shape): string {
    const open = shape.filter((size) => this.#isOpen(size));
    if (open.length > 1) {
      throw new AfterimageError("tensor/shape", {
        what: "a shape with two open axes cannot be written",
        got: `[${shape}]`,
      });
    }
    return this.int64(shape.map((size) => (this.#isOpen(size) ? -1 : size)));
  }

  constant(data: TensorData, shape: Shape, dtype: DType): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const uniform = splatValue(data);
    const key = bytes.length <= 64 ? `${dtype}[${shape}]${bytes}` : null;
    const known = key === null ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    if (uniform !== null && bytes.length > 64) return this.#splat(uniform, shape, dtype);
    const name = this.#unique("constant");
    this.initializers.set(name, { name, type: dtype, shape, bytes });
    if (key !== null) this.#constants.set(key, name);
    return name;
  }

  /** A constant under a name of its own. */
  initializer(name: string, data: TensorData, { shape, dtype }: { shape: Shape; dtype: DType }): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.set(name, { name, type: dtype, shape, bytes });
  }

  /** A large constant of one value is written as that value, expanded when the graph runs. */
  #splat(value: TensorData, shape: Shape, dtype: DType): string {
    return this.node("Expand", [this.constant(value, [], dtype), this.int64(shape)])[0]!;
  }

  value(name: string, { shape, dtype }: Tensor): OnnxValue {
    const open = (size: number) => (this.#isOpen(size) ? this.#symbolic!.name : size);
    return { name, type: dtype, shape: shape.map(open) };
  }

  #isOpen(size: number): boolean {
    return this.#symbolic !== undefined && size % this.#symbolic.size === 0 && size !== 0;
  }

  #unique(base: string): string {
    const count = this.#used.get(base) ?? 0;
    this.#used.set(base, count + 1);
    return count === 0 ? base : `${base}.${count}`;
  }
}

function splatValue(data: TensorData): TensorData | null {
  const first = data[0];
  if (first === undefined) return null;
  for (const value of data) if (value !== first) return null;
  return data.slice(0, 1);
}
