import { expect, it } from "vitest";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { joinPatches } from "./join-patches.ts";

it("joinPatches lays a patch's values out as squares, channel by channel", async () => {
  // 2×2 patches of 2×2 pixels and 2 channels; the value says patch, channel, row and column.
  const value = (patch: number, channel: number, row: number, column: number) =>
    1000 * patch + 100 * channel + 10 * row + column;
  const bits = (i: number) => [(i >> 3) & 3, (i >> 2) & 1, (i >> 1) & 1, i & 1] as const;
  const patches = Float32Array.from({ length: 32 }, (_, i) => value(...bits(i)));
  const program = compile({ y: joinPatches(input("x", [1, 4, 8]), 2) });
  const { y } = await runOnce(program, { x: patches });
  const expected = [0, 1].flatMap((channel) =>
    [0, 1, 2, 3].flatMap((row) =>
      [0, 1, 2, 3].map((column) =>
        value(2 * Math.floor(row / 2) + Math.floor(column / 2), channel, row % 2, column % 2),
      ),
    ),
  );
  expect([...(y as Float32Array)]).toEqual(expected);
});
