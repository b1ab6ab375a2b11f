import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOptimizer } from "../../test/support/run-optimizer.ts";
import { adamw } from "./adamw.ts";
import { muon } from "./muon.ts";

const STEPS = 6;
const rates = Array.from({ length: STEPS }, (_, t) => 0.1 / (t + 1));
const decays = Array.from({ length: STEPS }, (_, t) => 0.02 * t);

type Rows = number[][];

const transposed = (x: Rows): Rows => x[0]!.map((_, c) => x.map((row) => row[c]!));
const product = (x: Rows, y: Rows): Rows =>
  x.map((row) => y[0]!.map((_, c) => row.reduce((sum, value, k) => sum + value * y[k]![c]!, 0)));
const sumOf = (x: Rows, a: number, y: Rows, b: number): Rows =>
  x.map((row, r) => row.map((value, c) => a * value + b * y[r]![c]!));

/** `zeropower_via_newtonschulz5` of the author's page, in double precision. */
function orthogonal(g: Rows): Rows {
  const tall = g.length > g[0]!.length;
  let x = tall ? transposed(g) : g;
  const size = Math.hypot(...x.flat());
  x = x.map((row) => row.map((value) => value / Math.max(size, 1e-7)));
  for (let i = 0; i < 5; i++) {
    const gram = product(x, transposed(x));
    const odd = sumOf(gram, -4.775, product(gram, gram), 2.0315);
    x = sumOf(x, 3.4445, product(odd, x), 1);
  }
  return tall ? transposed(x) : x;
}

const rowsOf = (flat: ArrayLike<number>, width: number): Rows =>
  Array.from({ length: flat.length / width }, (_, r) => Array.from(flat).slice(r * width, (r + 1) * width));

function parameter(name: string, shape: readonly number[], isDecayed = true) {
  const size = shape.reduce((a, b) => a * b, 1);
  const gradient = (step: number) => deterministic(`muon.${name}.${step}`, size);
  return { name, shape, start: deterministic(`muon.${name}`, size), decays: isDecayed, gradient };
}

/** `torch.optim.Muon` with Nesterov's momentum, `adjust_lr_fn="match_rms_adamw"`. */
function reference({ shape, start, decays: isDecayed, gradient }: ReturnType<typeof parameter>): number[][] {
  const [rows, width] = [shape[0]!, start.length / shape[0]!];
  let p = Array.from(start);
  let v = p.map(() => 0);
  return rates.map((rate, t) => {
    const g = Array.from(gradient(t));
    v = v.map((value, i) => value + 0.05 * (g[i]! - value));
    const ahead = g.map((value, i) => value + 0.95 * (v[i]! - value));
    const direction = orthogonal(rowsOf(ahead, width)).flat();
    const scaled = rate * 0.2 * Math.sqrt(Math.max(rows, width));
    p = p.map((value, i) => value * (isDecayed ? 1 - rate * decays[t]! : 1) - scaled * direction[i]!);
    return p;
  });
}

describe("muon", () => {
  test.each([
    ["a wide matrix", [3, 5]],
    ["a tall matrix", [6, 2]],
    ["filters", [4, 2, 3, 3]],
  ] as const)("takes the steps of PyTorch's on %s", async (name, shape) => {
    for (const isDecayed of [true, false]) {
      const one = parameter(name, shape, isDecayed);
      const trace = (await runOptimizer(muon(), [one], { rates, decays })).get(name)!;
      const expected = reference(one);
      for (const [t, values] of trace.entries())
        expect(relativeError(values, expected[t]!)).toBeLessThan(1e-4);
    }
  });

  test.each([
    ["a bias", [7]],
    ["a class token", [1, 1, 6]],
  ] as const)("is AdamW on %s", async (name, shape) => {
    const one = parameter(name, shape, false);
    const [own, plain] = [muon(), adamw()].map((rule) => runOptimizer(rule, [one], { rates, decays }));
    expect((await own!).get(name)).toEqual((await plain!).get(name));
    expect(muon().slots(shape)).toEqual(adamw().slots(shape));
  });

  test("keeps one slot of a matrix, where AdamW has two", () => {
    expect(muon().slots([3, 5])).toEqual(["momentum"]);
    expect(muon().slots([4, 2, 3, 3])).toEqual(["momentum"]);
  });

  test("moves by the same amount whatever the scale of the gradient", async () => {
    const quiet = parameter("scale", [3, 5]);
    const loud = { ...quiet, gradient: (step: number) => quiet.gradient(step).map((g) => 1000 * g) };
    const run = async (one: typeof quiet) =>
      (await runOptimizer(muon(), [one], { rates, decays })).get("scale")!;
    expect(relativeError((await run(loud)).at(-1)!, (await run(quiet)).at(-1)!)).toBeLessThan(1e-4);
  });

  test("leaves a matrix without a gradient where it is", async () => {
    const still = { ...parameter("still", [3, 5], false), gradient: () => new Float32Array(15) };
    const trace = (await runOptimizer(muon(), [still], { rates, decays })).get("still")!;
    expect(trace.at(-1)).toEqual(still.start);
  });

  test.each([{ momentum: 1 }, { momentum: -0.1 }, { iterations: 0 }, { beta2: 1 }])(
    "refuses %o",
    (options) => {
      expect(() => muon(options)).toThrow(/out of range/);
    },
  );
});
