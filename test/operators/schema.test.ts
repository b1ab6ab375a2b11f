/**
 * ONNX's schema (src/onnx/operators.ts, which a script generates) against the nodes that operators of the
 * table write.
 */
import { compile, gradients, input, sum } from "afterimage/tensor";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isInOpset, type OnnxOperator } from "../../src/onnx/attributes.ts";
import { ATTRIBUTE_KINDS, ONNX_OPERATORS } from "../../src/onnx/operators.ts";
import { OPSETS } from "../../src/onnx/opsets.ts";
import { ENTRIES, SEED } from "./index.ts";

/** Nodes that no operator of the table writes: the blur of selected pictures (augment) writes them. */
const ELSEWHERE = ["NonZero", "ScatterND"];

const opsets = Array.from({ length: OPSETS.newest - OPSETS.oldest + 1 }, (_, i) => OPSETS.oldest + i);

/** The nodes of ONNX's own operator set that the table's entries compile to. */
function nodesAt(opset: number) {
  return ENTRIES.flatMap(([, entry]) => {
    const cases = [...(entry.examples ?? []), ...fc.sample(entry.cases, { seed: SEED, numRuns: 8 })];
    return cases.flatMap(({ args, build }) => {
      const inputs = args.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype));
      const outputs = build(inputs);
      const wrt = inputs.filter(({ dtype }) => dtype === "float32");
      const first = outputs[0]!;
      const grads = first.dtype === "float32" && wrt.length > 0 ? gradients(sum(first), wrt) : [];
      const all = Object.fromEntries([...outputs, ...grads].map((tensor, i) => [`y${i}`, tensor]));
      const { model } = compile(all, { opset, contrib: opset % 2 === 0 });
      return model.nodes.filter(({ domain }) => domain === "");
    });
  });
}

it.each(opsets)(
  "has all operators and attributes that are written in opset %i, with their kinds",
  (opset) => {
    const nodes = nodesAt(opset);
    expect(nodes.length).toBeGreaterThan(100);
    for (const { operator, attributes } of nodes) {
      const name = operator as OnnxOperator;
      expect(isInOpset(opset, name), operator).toBe(true);
      const kinds: Readonly<Record<string, string>> = ONNX_OPERATORS[name].attributes;
      for (const [attribute, value] of Object.entries(attributes)) {
        expect(isInOpset(opset, name, attribute), `${operator}.${attribute}`).toBe(true);
        expect(Object.keys(value), `${operator}.${attribute}`).toEqual([kinds[attribute]]);
        expect(Object.keys(ATTRIBUTE_KINDS)).toContain(kinds[attribute]);
      }
    }
  },
);

it("has only operators that are written", () => {
  const written = new Set(opsets.flatMap((opset) => nodesAt(opset).map(({ operator }) => operator)));
  const idle = Object.keys(ONNX_OPERATORS).filter((name) => !written.has(name));
  expect(idle.sort()).toEqual(ELSEWHERE);
});
