/** Writes the nodes and constants of one ONNX graph, with names that are unique in it. */
import { AfterimageError } from "../errors.ts";
import { type AttributesOf, isInOpset, type OnnxOperator, withKinds } from "../onnx/attributes.ts";
import {
  type Attribute,
  MOST_BYTES,
  type OnnxInitializer,
  type OnnxNode,
  type OnnxValue,
} from "../onnx/model.ts";
import { OPSETS } from "../onnx/opsets.ts";
import { type DType, type Emitter, type Shape, sizeOf, type TensorData } from "./tensor.ts";

export interface WriterOptions {
  /** Whether the provider has ONNX Runtime's own (`com.microsoft`) operators. Off for models that leave the project. */
  contrib?: boolean;
  /** The version of ONNX's operator set, one of `OPSETS`; the newest by default. */
  opset?: number;
  /**
   * A size that stands for an axis left open in the model, with the name to give it. It must be a prime that no
   * other size is a multiple of; axes that are a multiple of it are written as open.
   */
  symbolic?: { size: number; name: string };
}

/** Up to so many bytes a constant of one value is written out. */
const SMALL = 64;

export class GraphWriter implements Emitter {
  readonly contrib: boolean;
  readonly opset: number;
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, OnnxInitializer>();
  readonly #symbolic: WriterOptions["symbolic"];
  /** Constants written so far, by fingerprint. */
  readonly #constants = new Map<string, OnnxInitializer[]>();
  readonly #used = new Map<string, number>();
  #label = "";
  /** Of all initializers. */
  #bytes = 0;

  /** `reserved` are names that inputs and outputs have, and nothing else may take. */
  constructor(
    { contrib = false, opset = OPSETS.newest, symbolic }: WriterOptions,
    reserved: Iterable<string>,
  ) {
    this.contrib = contrib;
    this.opset = requireOpset(opset);
    this.#symbolic = symbolic;
    for (const name of reserved) this.#used.set(name, 1);
  }

  /** Names what `emit` writes after `label`. */
  within<T>(label: string, emit: () => T): T {
    this.#label = label;
    return emit();
  }

  node<K extends OnnxOperator>(
    operator: K,
    inputs: readonly string[],
    attributes: AttributesOf<K> = {},
    outputs = 1,
  ): [string, ...string[]] {
    return this.#node("", operator, inputs, withKinds(this.opset, operator, attributes), outputs);
  }

  runtimeNode(
    domain: string,
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): [string, ...string[]] {
    return this.#node(domain, operator, inputs, attributes, 1);
  }

  has(operator: OnnxOperator, attribute?: string): boolean {
    return isInOpset(this.opset, operator, attribute);
  }

  #node(
    domain: string,
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number,
  ): [string, ...string[]] {
    const name = this.#unique(`${this.#label}/${operator}`);
    const others = Array.from({ length: outputs - 1 }, (_, i) => `${name}:${i + 1}`);
    const results: [string, ...string[]] = [`${name}:0`, ...others];
    this.nodes.push({ name, operator, domain, inputs, outputs: results, attributes });
    return results;
  }

  /**
   * Gives values (first of each pair) their public names (second). What a node makes is renamed; an input, a constant, or
   * a value that has a public name already is copied by an `Identity`.
   */
  publish(pairs: readonly (readonly [from: string, to: string])[]): void {
    const made = new Set(this.nodes.flatMap(({ outputs }) => outputs));
    const renamed = new Map<string, string>();
    for (const [from, to] of pairs) if (made.has(from) && !renamed.has(from)) renamed.set(from, to);
    const rename = (name: string) => renamed.get(name) ?? name;
    for (const [index, node] of this.nodes.entries())
      this.nodes[index] = { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
    for (const [from, to] of pairs) if (renamed.get(from) !== to) this.#copy(rename(from), to);
  }

  #copy(from: string, to: string): void {
    const name = this.#unique(`output/${to}`);
    const copy = { name, operator: "Identity", domain: "", inputs: [from], outputs: [to], attributes: {} };
    this.nodes.push(copy);
  }

  int64(values: readonly number[]): string {
    this.#refuseOpen(values, "a size or place in the graph depends on the open axis");
    return this.#int64(values);
  }

  shape(shape: Shape): string {
    const open = shape.filter((size) => this.#multipleOfOpen(size) > 0);
    if (open.length > 1) this.#refuseOpen(open, `a shape with two open axes cannot be written: [${shape}]`);
    return this.#int64(shape.map((size) => (this.#multipleOfOpen(size) > 0 ? -1 : size)));
  }

  constant(data: TensorData, shape: Shape, dtype: DType): string {
    this.#refuseOpen(shape, `a constant cannot have an open axis: [${shape}]`);
    const value = uniformValue(data);
    if (value === null) return this.#deduplicated(data, shape, dtype);
    const size = sizeOf(shape);
    if (size * data.BYTES_PER_ELEMENT <= SMALL) {
      return this.#deduplicated(data.length === size ? data : repeat(value, size), shape, dtype);
    }
    // Many elements of one value are written as that value, and spread when the graph runs.
    return this.node("Expand", [this.#deduplicated(value, [], dtype), this.int64(shape)])[0];
  }

  /** A constant under a name of its own. */
  initializer(name: string, data: TensorData, { shape, dtype }: { shape: Shape; dtype: DType }): void {
    if (data.length !== sizeOf(shape)) {
      throw new AfterimageError("tensor/input", {
        what: `the value of ${name} has the wrong size`,
        expected: `${dtype}[${shape}], ${sizeOf(shape)} elements`,
        got: `${data.length} elements`,
      });
    }
    this.#requireRoom(data);
    this.#add({ name, type: dtype, shape, bytes: bytesOf(data) });
  }

  /** How a tensor of the graph is declared as an input or output of the model. */
  value(name: string, { shape, dtype }: { shape: Shape; dtype: DType }): OnnxValue {
    return { name, type: dtype, shape: shape.map((size) => this.#dimension(size)) };
  }

  #dimension(size: number): number | string {
    const times = this.#multipleOfOpen(size);
    if (times === 0) return size;
    return times === 1 ? this.#openName : `${times}*${this.#openName}`;
  }

  get #openName(): string {
    return this.#symbolic?.name ?? "";
  }

  /** How often the open axis is contained in a size: 0 for closed ones. */
  #multipleOfOpen(size: number): number {
    if (this.#symbolic === undefined || size % this.#symbolic.size !== 0) return 0;
    return size / this.#symbolic.size;
  }

  #refuseOpen(sizes: readonly number[], what: string): void {
    if (!sizes.some((size) => this.#multipleOfOpen(size) > 0)) return;
    throw new AfterimageError("tensor/shape", {
      what,
      where: this.#label,
      todo: `Take the size of "${this.#openName}" from a tensor that has it, e.g. by adding to a multiple of 0.`,
    });
  }

  #int64(values: readonly number[]): string {
    return this.#deduplicated(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  #add(initializer: OnnxInitializer): void {
    this.#bytes += initializer.bytes.byteLength;
    this.initializers.set(initializer.name, initializer);
  }

  /** Asked before anything is made of the data: of more than 4 GiB no bytes can be seen at all. */
  #requireRoom({ byteLength }: TensorData): void {
    if (this.#bytes + byteLength <= MOST_BYTES) return;
    throw new AfterimageError("onnx/size", {
      what: "this graph is larger than an ONNX model can be",
      where: this.#label,
      expected: `at most ${inMb(MOST_BYTES)} of constants`,
      got: `${inMb(this.#bytes + byteLength)} or more`,
    });
  }

  #deduplicated(data: TensorData, shape: Shape, dtype: DType): string {
    this.#requireRoom(data);
    const bytes = bytesOf(data);
    const key = `${dtype}[${shape}]${fingerprint(bytes)}`;
    const alike = this.#constants.get(key) ?? [];
    const known = alike.find((constant) => sameBytes(constant.bytes, bytes));
    if (known !== undefined) return known.name;
    const constant: OnnxInitializer = { name: this.#unique("constant"), type: dtype, shape, bytes };
    this.#add(constant);
    this.#constants.set(key, [...alike, constant]);
    return constant.name;
  }

  #unique(base: string): string {
    const count = this.#used.get(base) ?? 0;
    this.#used.set(base, count + 1);
    return count === 0 ? base : this.#unique(`${base}.${count}`);
  }
}

function requireOpset(opset: number): number {
  if (Number.isInteger(opset) && opset >= OPSETS.oldest && opset <= OPSETS.newest) return opset;
  throw new AfterimageError("usage/value", {
    what: "graphs cannot be written in this version of ONNX's operator set",
    expected: `a whole number from ${OPSETS.oldest} to ${OPSETS.newest}`,
    got: `${opset}`,
  });
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The one value that all elements have, or null. */
function uniformValue(data: TensorData): TensorData | null {
  const first = data[0];
  if (first === undefined) return null;
  for (const value of data) if (!Object.is(value, first)) return null;
  return data.slice(0, 1);
}

function repeat(value: TensorData, size: number): TensorData {
  const data = new (value.constructor as new (size: number) => Float32Array)(size);
  return data.fill(value[0] as number);
}

/** FNV-1a over 32-bit words, and the bytes that are left over. */
function fingerprint(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  let hash = 0x811c9dc5;
  for (let i = 0; i < whole; i += 4) hash = Math.imul(hash ^ view.getInt32(i, true), 0x01000193);
  for (const byte of bytes.subarray(whole)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
