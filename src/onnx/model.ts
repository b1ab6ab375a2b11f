/**
 * ONNX models as plain data, and their bytes.
 *
 * Only the wire format lives here: no knowledge of tensors that differentiate or of a runtime.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { AfterimageError } from "../errors.ts";
import { ATTRIBUTE_KINDS, ELEMENT_TYPES } from "./operators.ts";
import { irVersionOf, OPSETS } from "./opsets.ts";
import { ModelProtoSchema } from "./schema.ts";

export { ELEMENT_TYPES };
export type ElementType = keyof typeof ELEMENT_TYPES;

/** One attribute of a node; the key says its ONNX type. */
export type Attribute =
  | { int: number }
  | { float: number }
  | { string: string }
  | { ints: readonly number[] }
  | { floats: readonly number[] };

export interface OnnxNode {
  name: string;
  operator: string;
  /** "" is ONNX's own operator set. */
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** A graph input or output. A dimension that is a string is symbolic. */
export interface OnnxValue {
  name: string;
  type: ElementType;
  shape: readonly (number | string)[];
}

export interface OnnxInitializer {
  name: string;
  type: ElementType;
  shape: readonly number[];
  /** Little-endian elements, row-major. */
  bytes: Uint8Array;
}

export interface OnnxModel {
  name: string;
  nodes: readonly OnnxNode[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  initializers: readonly OnnxInitializer[];
  metadata: Readonly<Record<string, string>>;
  /** The version of ONNX's operator set that its nodes are of; the newest of {@link OPSETS} by default. */
  opset?: number;
}

/** Bytes of constants that a model may hold: a file of protocol buffers ends at 2 GiB, and its nodes need some too. */
export const MOST_BYTES = 2 ** 31 - 2 ** 25;
/** What a model that is made here says of its maker. */
export const PRODUCER = "afterimage";
/** ONNX Runtime's own domains have one version each. */
const RUNTIME_DOMAIN_VERSION = 1n;

/** Serialises a model as `onnx.ModelProto`. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const runtimeDomains = new Set(model.nodes.map(({ domain }) => domain).filter((domain) => domain !== ""));
  const { opset = OPSETS.newest } = model;
  const message = {
    irVersion: BigInt(irVersionOf(opset)),
    producerName: PRODUCER,
    opsetImport: [
      { domain: "", version: BigInt(opset) },
      ...[...runtimeDomains].sort().map((domain) => ({ domain, version: RUNTIME_DOMAIN_VERSION })),
    ],
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: model.name,
      node: model.nodes.map(nodeMessage),
      initializer: model.initializers.map((tensor) => ({
        name: tensor.name,
        dataType: ELEMENT_TYPES[tensor.type],
        dims: tensor.shape.map(BigInt),
        rawData: tensor.bytes,
      })),
      input: model.inputs.map(valueMessage),
      output: model.outputs.map(valueMessage),
    },
  };
  // The schema is built at run time, so its init shape is not known to the compiler.
  const init = message as unknown as MessageInitShape<typeof ModelProtoSchema>;
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, init));
}

function nodeMessage(node: OnnxNode) {
  return {
    name: node.name,
    opType: node.operator,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeMessage(name, value)),
  };
}

function attributeMessage(name: string, value: Attribute) {
  if ("int" in value) return { name, type: ATTRIBUTE_KINDS.int, i: BigInt(value.int) };
  if ("float" in value) return { name, type: ATTRIBUTE_KINDS.float, f: value.float };
  if ("string" in value)
    return { name, type: ATTRIBUTE_KINDS.string, s: new TextEncoder().encode(value.string) };
  if ("ints" in value) return { name, type: ATTRIBUTE_KINDS.ints, ints: value.ints.map(BigInt) };
  return { name, type: ATTRIBUTE_KINDS.floats, floats: [...value.floats] };
}

function valueMessage(value: OnnxValue) {
  return {
    name: value.name,
    type: {
      tensorType: {
        elemType: ELEMENT_TYPES[value.type],
        shape: {
          dim: value.shape.map((size) =>
            typeof size === "number" ? { dimValue: BigInt(size) } : { dimParam: size },
          ),
        },
      },
    },
  };
}

/** The fields of a decoded `ModelProto` that we look at; everything may be missing in a foreign file. */
interface WireModel {
  metadataProps: { key: string; value: string }[];
  graph?: {
    name: string;
    node: WireNode[];
    initializer: WireTensor[];
    input: WireValue[];
    output: WireValue[];
  };
}
interface WireNode {
  name: string;
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: WireAttribute[];
}
interface WireAttribute {
  name: string;
  type: number;
  f: number;
  i: bigint;
  s: Uint8Array;
  ints: bigint[];
  floats: number[];
}
interface WireTensor {
  name: string;
  dataType: number;
  dims: bigint[];
  rawData: Uint8Array;
}
interface WireValue {
  name: string;
  type?: {
    tensorType?: { elemType: number; shape?: { dim: { dimValue: bigint; dimParam: string }[] } };
  };
}

/**
 * Reads a model's structure. Subgraphs, sparse tensors and element types other than ours are passed over
 * (their type reads as `float32` and their bytes as empty): this serves inspection, not execution.
 *
 * @throws AfterimageError `onnx/format` when the bytes are no ONNX model.
 */
export function decodeModel(bytes: Uint8Array, where = "model"): OnnxModel {
  let wire: WireModel;
  try {
    wire = fromBinary(ModelProtoSchema, bytes) as unknown as WireModel;
  } catch (cause) {
    throw new AfterimageError("onnx/format", { what: "this is not an ONNX model", where }, { cause });
  }
  const graph = wire.graph;
  if (graph === undefined)
    throw new AfterimageError("onnx/format", { what: "this ONNX model has no graph", where });
  return {
    name: graph.name,
    nodes: graph.node.map(readNode),
    inputs: graph.input.map(readValue),
    outputs: graph.output.map(readValue),
    initializers: graph.initializer.map((tensor) => ({
      name: tensor.name,
      type: elementType(tensor.dataType),
      shape: tensor.dims.map(Number),
      bytes: tensor.rawData,
    })),
    metadata: Object.fromEntries(wire.metadataProps.map(({ key, value }) => [key, value])),
  };
}

function readNode(node: WireNode): OnnxNode {
  return {
    name: node.name,
    operator: node.opType,
    domain: node.domain,
    inputs: node.input,
    outputs: node.output,
    attributes: Object.fromEntries(
      node.attribute.map((attribute) => [attribute.name, readAttribute(attribute)]),
    ),
  };
}

function readAttribute(attribute: WireAttribute): Attribute {
  switch (attribute.type) {
    case ATTRIBUTE_KINDS.float:
      return { float: attribute.f };
    case ATTRIBUTE_KINDS.int:
      return { int: Number(attribute.i) };
    case ATTRIBUTE_KINDS.floats:
      return { floats: attribute.floats };
    case ATTRIBUTE_KINDS.ints:
      return { ints: attribute.ints.map(Number) };
    default:
      return { string: new TextDecoder().decode(attribute.s) };
  }
}

function readValue(value: WireValue): OnnxValue {
  const tensor = value.type?.tensorType;
  const shape = tensor?.shape?.dim.map((dim) => (dim.dimParam ? dim.dimParam : Number(dim.dimValue))) ?? [];
  return { name: value.name, type: elementType(tensor?.elemType ?? 1), shape };
}

function elementType(number: number): ElementType {
  const found = Object.entries(ELEMENT_TYPES).find(([, value]) => value === number);
  return (found?.[0] ?? "float32") as ElementType;
}
