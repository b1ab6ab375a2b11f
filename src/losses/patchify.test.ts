import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { runTwice } from "../../test/support/run-twice.ts";
import { compile, input, type Tensor } from "../tensor/index.ts";
import { patchify, unpatchify } from "./patchify.ts";

const [B, C, H, W, P] = [2, 3, 4, 6, 2];
const pictures = deterministic("patchify", B * C * H * W);

/** Row of patches, column of patches, row and column inside a patch, channel. */
function inLoops(): number[] {
  const out: number[] = [];
  for (let b = 0; b < B; b++)
    for (let row = 0; row < H / P; row++)
      for (let column = 0; column < W / P; column++)
        for (let y = 0; y < P; y++)
          for (let x = 0; x < P; x++)
            for (let c = 0; c < C; c++)
              out.push(pictures[((b * C + c) * H + row * P + y) * W + column * P + x]!);
  return out;
}

async function run(build: (x: Tensor) => Tensor, shape: readonly number[] = [B, C, H, W]) {
  const out = build(input("x", shape));
  return {
    shape: out.shape,
    data: Array.from((await runTwice(compile({ out }), { x: pictures })).out as Float32Array),
  };
}

describe("patchify", () => {
  test("cuts pictures into patches row by row, channels innermost", async () => {
    const { shape, data } = await run((x) => patchify(x, P));
    expect(shape).toEqual([B, 6, 12]);
    expect(data).toEqual(inLoops());
  });

  test("refuses pictures that do not divide into patches", () => {
    expect(() => patchify(input("x", [1, 3, 8, 9]), 4)).toThrow(/divide into patches of 4/);
    expect(() => patchify(input("x", [3, 8, 8]), 4)).toThrow(/pictures \[B, C, H, W\]/);
  });
});

describe("unpatchify", () => {
  test("puts oblong pictures together again, told the number of columns", async () => {
    const { shape, data } = await run((x) => unpatchify(patchify(x, P), { size: P, columns: W / P }));
    expect(shape).toEqual([B, C, H, W]);
    expect(data).toEqual(Array.from(pictures));
  });

  test("takes a picture to be square otherwise", async () => {
    const { shape, data } = await run((x) => unpatchify(patchify(x, 3), { size: 3 }), [4, 1, 6, 6]);
    expect(shape).toEqual([4, 1, 6, 6]);
    expect(data).toEqual(Array.from(pictures));
  });

  test("refuses patches that fill no picture", () => {
    expect(() => unpatchify(input("x", [1, 6, 12]), { size: 2 })).toThrow(/that fill a picture/);
    expect(() => unpatchify(input("x", [1, 4, 13]), { size: 2 })).toThrow(/patches \[B, N, 2·2·C\]/);
    expect(() => unpatchify(input("x", [1, 6, 12]), { size: 2, columns: 4 })).toThrow(/that fill a picture/);
  });
});
