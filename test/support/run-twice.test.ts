import { describe, expect, test } from "vitest";
import type { Feeds, Results } from "../../src/runtime/session.ts";
import { compile, input, square } from "../../src/tensor/index.ts";
import { repeated, runTwice } from "./run-twice.ts";

const feeds = { x: Float32Array.of(1, 2, 3) };

/** A session whose n-th run, from 0, gives `results(n, feeds)`. */
function pretended(results: (run: number, x: Float32Array) => Results) {
  let runs = 0;
  return { run: async ({ x }: Feeds) => results(runs++, x as Float32Array) };
}

describe("runTwice", () => {
  test("returns the program's results", async () => {
    const got = await runTwice(compile({ y: square(input("x", [3])) }), feeds);
    expect(got).toEqual({ y: Float32Array.of(1, 4, 9) });
  });

  test("refuses a session that counts its runs, and names the output", async () => {
    const counts = pretended((run, x) => ({ x: x.slice(), loss: Float32Array.of(run) }));
    await expect(repeated(counts, feeds)).rejects.toThrow(/the output loss of one session/);
  });

  test("refuses a session that keeps its last feeds", async () => {
    let last = 1; // as if already fed the same: a second run right after the first would not show it
    const keeps = pretended((_, x) => {
      const loss = Float32Array.of(last);
      last = x[0]!;
      return { loss };
    });
    await expect(repeated(keeps, feeds)).rejects.toThrow(/the output loss/);
  });

  test("refuses a session that writes its second results over the first", async () => {
    const one = new Float32Array(3);
    const reuses = pretended((run, x) => {
      if (run < 2) one.set(x);
      return { y: run < 2 ? one : x.slice() };
    });
    await expect(repeated(reuses, feeds)).rejects.toThrow(/the output y/);
  });

  test("distinguishes 0 from -0, and NaN from a number", async () => {
    const signs = pretended((run) => ({ loss: Float32Array.of(run < 2 ? 0 : -0) }));
    await expect(repeated(signs, feeds)).rejects.toThrow(/the output loss/);
    const lost = pretended((run) => ({ loss: Float32Array.of(run < 2 ? 1 : Number.NaN) }));
    await expect(repeated(lost, feeds)).rejects.toThrow(/the output loss/);
  });
});
