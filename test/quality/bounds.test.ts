/** The Gaussians of known mutual information, and the bounds by their best critic, which is known too. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type BoundsFile, readBounds, writeBounds } from "../../quality/bounds/bounds-file.ts";
import { boundsFigure } from "../../quality/bounds/figure.ts";
import { correlationOf, exactScores, gaussianPairs } from "../../quality/bounds/gaussians.ts";
import { BOUND_LINES, boundsTable, pointsOf } from "../../quality/bounds/summary.ts";
import { BOUNDS, type BoundName, trainBound } from "../../quality/bounds/train-bound.ts";
import { randomStream } from "../../src/random/index.ts";
import { runOnce } from "../../src/runtime/index.ts";
import { compile, input } from "../../src/tensor/index.ts";

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const random = (index: number) => randomStream(0, "bounds-test", 0, index);

async function boundOf(bound: BoundName, scores: Float32Array, count: number): Promise<number> {
  const program = compile({ bound: BOUNDS[bound](input("u", [count, count])) });
  return (await runOnce(program, { u: scores }, { threads: 1 })).bound![0] as number;
}

describe("pairs of Gaussians", () => {
  it("have the correlation of their information", () => {
    const [dims, information] = [4, 1.5];
    const correlation = correlationOf(information, dims);
    expect((-dims / 2) * Math.log(1 - correlation ** 2)).toBeCloseTo(information, 12);
    const { x, y } = gaussianPairs({ count: 20_000, dims, correlation }, random(0));
    expect(mean(y)).toBeCloseTo(0, 1);
    expect(mean(y.map((value) => value ** 2))).toBeCloseTo(1, 1);
    expect(Math.abs(mean(x.map((value, at) => value * y[at]!)) - correlation)).toBeLessThan(0.01);
    expect(correlationOf(0, dims)).toBe(0);
  });

  it("have the information as the mean of the exact scores of pairs, and e to others' scores is 1", () => {
    const shape = { count: 500, dims: 3, correlation: correlationOf(0.7, 3) };
    const scores = exactScores(gaussianPairs(shape, random(1)), shape);
    const pairs = Array.from({ length: 500 }, (_, i) => scores[i * 501]!);
    expect(Math.abs(mean(pairs) - 0.7)).toBeLessThan(0.1);
    const others = scores.filter((_, at) => at % 501 !== 0);
    expect(Math.abs(mean(others.map(Math.exp)) - 1)).toBeLessThan(0.1);
  });
});

describe("the bounds by the exact scores", () => {
  it("are the information for Donsker–Varadhan, and below it and ln N for InfoNCE", async () => {
    const at = async (information: number, count: number) => {
      const shape = { count, dims: 10, correlation: correlationOf(information, 10) };
      const scores = exactScores(gaussianPairs(shape, random(2)), shape);
      const [dv, nce, js] = await Promise.all(
        (["donsker-varadhan", "info-nce", "jensen-shannon"] as const).map((bound) =>
          boundOf(bound, scores, count),
        ),
      );
      return { dv: dv!, nce: nce!, js: js! };
    };
    const low = await at(1, 400);
    expect(Math.abs(low.dv - 1)).toBeLessThan(0.2);
    expect(Math.abs(low.nce - 1)).toBeLessThan(0.2);
    const high = await at(10, 64);
    expect(high.nce).toBeLessThanOrEqual(Math.log(64));
    expect(high.nce).toBeGreaterThan(Math.log(64) - 0.5);
    expect(high.dv).toBeGreaterThan(Math.log(64) + 1);
    expect(high.js).toBeLessThan(2 * Math.LN2);
    expect(high.js).toBeGreaterThan(low.js + 0.3);
  });
});

it("a critic learns most of what four numbers share, and nothing where they share nothing", async () => {
  const settings = { dims: 4, width: 8, steps: 500, learningRate: 1e-2, judged: 100, threads: 1 };
  const learn = (information: number) =>
    trainBound({ bound: "info-nce", information, batch: 32, seed: 0 }, settings);
  const [some, none] = [await learn(1), await learn(0)];
  expect(Math.abs(some.mean - 0.95)).toBeLessThan(0.12);
  expect(Math.abs(none.mean)).toBeLessThan(0.05);
  expect(some.deviation).toBeGreaterThan(0);
});

describe("what was found", () => {
  const read = (file: string) => readFileSync(path.join(import.meta.dirname, "../..", file), "utf8");
  const found = JSON.parse(read("quality/bounds/results.json")) as BoundsFile;

  it("is what the page's table and figure show", () => {
    expect(read("docs/mutual-information.md")).toContain(boundsTable(found.estimates));
    expect(read("docs/mutual-information.svg")).toBe(boundsFigure(found));
  });

  it("has InfoNCE's ceiling, and a Donsker–Varadhan bound that varies more the more is shared", () => {
    for (const line of BOUND_LINES.filter(({ bound }) => bound === "info-nce"))
      for (const { mean, deviation } of pointsOf(line, found.estimates))
        expect(mean - 3 * deviation).toBeLessThan(Math.log(line.batch));
    const [dv] = BOUND_LINES;
    const points = pointsOf(dv!, found.estimates);
    expect(points.at(-1)!.deviation).toBeGreaterThan(3 * points[0]!.deviation);
  });

  it("is kept as it is by a file", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "afterimage-bounds-"));
    try {
      const file = path.join(folder, "results.json");
      expect(await readBounds(file)).toBeNull();
      await writeBounds(file, found);
      expect(await readBounds(file)).toEqual(found);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
