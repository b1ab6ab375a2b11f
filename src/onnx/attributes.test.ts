import { describe, expect, it } from "vitest";
import { isInOpset, withKinds } from "./attributes.ts";
import { ELEMENT_TYPES, IR_VERSIONS, ONNX_OPERATORS } from "./operators.ts";
import { irVersionOf, OPSETS } from "./opsets.ts";

describe("ONNX's schema", () => {
  it("says from when on there is an operator, and until when an attribute", () => {
    expect([19, 20].map((opset) => isInOpset(opset, "Gelu"))).toEqual([false, true]);
    expect([17, 18].map((opset) => isInOpset(opset, "ReduceMean", "axes"))).toEqual([true, false]);
    expect(isInOpset(17, "ReduceSum", "axes")).toBe(false);
  });

  it("gives attributes the kinds that a model needs", () => {
    expect(withKinds(21, "Gemm", { alpha: 2, transB: 1 })).toEqual({
      alpha: { float: 2 },
      transB: { int: 1 },
    });
    expect(withKinds(21, "ScatterElements", { reduction: "add" })).toEqual({ reduction: { string: "add" } });
    expect(withKinds(17, "ReduceMax", { axes: [0, 1] })).toEqual({ axes: { ints: [0, 1] } });
  });

  it("refuses what an operator set does not have", () => {
    expect(() => withKinds(18, "ReduceMax", { axes: [0] })).toThrow("no attribute axes in opset 18");
    expect(() => withKinds(19, "Gelu", {})).toThrow("no operator Gelu in opset 19");
    // @ts-expect-error an attribute of another operator does not compile
    expect(() => withKinds(21, "Gemm", { axis: 0 })).toThrow("Gemm has no attribute axis");
  });

  it("is that of the operator sets that graphs are written in", () => {
    const sets = Object.keys(IR_VERSIONS).map(Number);
    expect([Math.min(...sets), Math.max(...sets)]).toEqual([OPSETS.oldest, OPSETS.newest]);
    expect(sets.map(irVersionOf)).toEqual(sets.map((_, i) => Object.values(IR_VERSIONS)[i]));
    expect(Object.keys(ONNX_OPERATORS).length).toBeGreaterThan(50);
    expect(ELEMENT_TYPES.int64).toBe(7);
  });
});
