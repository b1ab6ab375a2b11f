import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AfterimageError } from "../errors.ts";
import {
  type Attribute,
  decodeModel,
  ELEMENT_TYPES,
  type ElementType,
  encodeModel,
  type OnnxModel,
} from "./model.ts";

const int = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
const float = fc.float({ noNaN: true });
const name = fc.string({ unit: "grapheme", maxLength: 8 });
const names = fc.array(name, { maxLength: 4 });
const type = fc.constantFrom(...(Object.keys(ELEMENT_TYPES) as ElementType[]));
const size = fc.nat({ max: 2 ** 40 });

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ int }),
  fc.record({ float }),
  fc.record({ string: fc.string({ unit: "grapheme" }) }),
  fc.record({ ints: fc.array(int) }),
  fc.record({ floats: fc.array(float) }),
);

const value = fc.record({
  name,
  type,
  shape: fc.array(fc.oneof(size, fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }))),
});

const model: fc.Arbitrary<OnnxModel> = fc.record({
  name,
  nodes: fc.array(
    fc.record({
      name,
      operator: name,
      domain: fc.constantFrom("", "com.microsoft"),
      inputs: names,
      outputs: names,
      attributes: fc.dictionary(name, attribute, { maxKeys: 4 }),
    }),
    { maxLength: 4 },
  ),
  inputs: fc.array(value, { maxLength: 3 }),
  outputs: fc.array(value, { maxLength: 3 }),
  initializers: fc.array(fc.record({ name, type, shape: fc.array(size), bytes: fc.uint8Array() }), {
    maxLength: 3,
  }),
  metadata: fc.dictionary(name, fc.string({ unit: "grapheme" }), { maxKeys: 3 }),
});

/** Reads bytes that may be anything: a model, or our own error. */
function readOrRefuse(bytes: Uint8Array): "read" | "refused" {
  try {
    decodeModel(bytes, "some.onnx");
    return "read";
  } catch (error) {
    expect(error).toBeInstanceOf(AfterimageError);
    expect(error).toMatchObject({ code: "onnx/format", evidence: { where: "some.onnx" } });
    return "refused";
  }
}

const small: OnnxModel = {
  name: "g",
  nodes: [
    {
      name: "n",
      operator: "Add",
      domain: "",
      inputs: ["x", "w"],
      outputs: ["y"],
      attributes: { axis: { int: -1 }, epsilon: { float: 0.5 } },
    },
  ],
  inputs: [{ name: "x", type: "float32", shape: ["batch", 2] }],
  outputs: [{ name: "y", type: "float32", shape: ["batch", 2] }],
  initializers: [{ name: "w", type: "float32", shape: [1], bytes: Uint8Array.of(0, 0, 128, 63) }],
  metadata: { source: "test" },
};

describe("a model", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(model, (original) => {
        expect(decodeModel(encodeModel(original))).toEqual(original);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("is in the bytes of the ONNX specification", () => {
    const text = (value: string) => [...new TextEncoder().encode(value)];
    const bytes = encodeModel({
      ...small,
      nodes: [],
      inputs: [],
      outputs: [],
      initializers: [],
      metadata: {},
    });
    expect([...bytes]).toEqual([
      ...[0x08, 10], // field 1, ir_version: 10
      ...[0x12, 10, ...text("afterimage")], // field 2, producer_name
      ...[0x3a, 3, 0x12, 1, ...text("g")], // field 7, graph: field 2, name
      ...[0x42, 4, 0x0a, 0, 0x10, 21], // field 8, opset_import: domain "", version 21
    ]);
  });

  it("imports ONNX Runtime's own operators only where it uses them", () => {
    const withDomain = (domain: string) =>
      new TextDecoder("latin1").decode(encodeModel({ ...small, nodes: [{ ...small.nodes[0]!, domain }] }));
    expect(withDomain("").split("com.microsoft").length).toBe(1);
    // Once for the node, once for the import.
    expect(withDomain("com.microsoft").split("com.microsoft").length).toBe(3);
  });
});

describe("bytes that are no model", () => {
  it.each([
    ["nothing", new Uint8Array(0), "has no graph"],
    ["text", new TextEncoder().encode("<html>404</html>"), "is not an ONNX model"],
    ["a PNG's first bytes", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), "is not an ONNX model"],
    [
      "a field longer than the file",
      Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07),
      "is not an ONNX model",
    ],
  ])("are refused: %s", (_, bytes, message) => {
    expect(() => decodeModel(bytes, "some.onnx")).toThrow(message);
  });

  it("are refused or read, never anything else, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readOrRefuse(bytes);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });

  it("may be a model cut short, at any place", () => {
    const bytes = encodeModel(small);
    const outcomes = Array.from(bytes, (_, length) => readOrRefuse(bytes.subarray(0, length)));
    expect(outcomes.filter((outcome) => outcome === "refused").length).toBeGreaterThan(bytes.length / 2);
  });

  it("may be a model with bytes changed, anywhere", () => {
    const bytes = encodeModel(small);
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of changes) changed[at] = byte;
        outcomes.add(readOrRefuse(changed));
      }),
      { seed: 3, numRuns: 2000 },
    );
    expect(outcomes).toEqual(new Set(["read", "refused"]));
  });

  it("may be nested without end", () => {
    // graph → node → attribute → graph → …, each as long as what it holds: fields 7, 1, 5, 6.
    let bytes = new Uint8Array(0);
    for (let depth = 0; depth < 3000; depth++) {
      for (const field of [6, 5, 1]) bytes = wrapped(field, bytes);
    }
    readOrRefuse(wrapped(7, bytes));
  });
});

/** A length-delimited protobuf field. */
function wrapped(field: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Uint8Array.of((field << 3) | 2, ...length, ...content);
}
