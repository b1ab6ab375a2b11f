import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { cropResize } from "./interpolation.ts";
import { resizeView } from "./resize-view.ts";

async function resized(data: Float32Array, from: number, to: number): Promise<Float32Array> {
  const views = input("views", [data.length / from ** 2, 1, from, from]);
  const { out } = await runOnce(compile({ out: resizeView(views, to) }), { views: data });
  return out as Float32Array;
}

describe("resizeView", () => {
  test("halves a line by the weights 1/8, 3/8, 3/8, 1/8, whose sum at an edge is 1 again", async () => {
    const line = [1, 2, 4, 8];
    const data = Float32Array.from({ length: 16 }, (_, at) => line[at % 4]!);
    const [left, right] = [(3 * 1 + 3 * 2 + 4) / 7, (2 + 3 * 4 + 3 * 8) / 7];
    expect(relativeError(await resized(data, 4, 2), [left, right, left, right])).toBeLessThan(1e-6);
  });

  test.each([
    [16, 24],
    [24, 16],
    [9, 4],
  ])("resizes from %i to %i as the crop of a whole picture does", async (from, to) => {
    const bytes = Uint8Array.from(deterministic("views", 2 * 3 * from ** 2), (x) =>
      Math.round(127 * (x + 1)),
    );
    const pictures = input("pictures", [2, 3, from, from], "uint8");
    const box = (name: string) => input(name, [2, 2]);
    const region = { start: box("start"), extent: box("extent"), flip: null };
    const whole = await runOnce(compile({ out: cropResize(pictures, region, to, "bilinear") }), {
      pictures: bytes,
      start: new Float32Array(4),
      extent: new Float32Array(4).fill(from),
    });
    const views = Float32Array.from(bytes, (byte) => byte / 255);
    expect(relativeError(await resized(views, from, to), whole.out as Float32Array)).toBeLessThan(1e-5);
  });

  test("returns views of the size as they are", () => {
    const views = input("views", [1, 3, 8, 8]);
    expect(resizeView(views, 8)).toBe(views);
  });
});
