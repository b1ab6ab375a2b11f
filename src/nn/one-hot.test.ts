import { expect, test } from "vitest";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, input } from "../tensor/index.ts";
import { oneHot } from "./one-hot.ts";

test.each(["int32", "int64"] as const)(
  "oneHot has a 1 at every %s label, and none for a label beyond",
  async (dtype) => {
    const program = compile({ rows: oneHot(constant([2, 0, 3], [3], dtype), 3) });
    expect(Array.from((await runOnce(program, {})).rows as Float32Array)).toEqual([
      0, 0, 1, 1, 0, 0, 0, 0, 0,
    ]);
  },
);

test("oneHot refuses what are no labels", () => {
  expect(() => oneHot(input("x", [3]), 3)).toThrow("integer labels [B]");
});
