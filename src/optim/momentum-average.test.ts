import { expect, test } from "vitest";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { movingAverage } from "./momentum-average.ts";

const target = Float32Array.of(1, -2, 0.1);
const source = Float32Array.of(3, 5, -0.7);

async function average(momentum: number) {
  const [t, s] = [input("t", [3]), input("s", [3])];
  const program = compile({
    fixed: movingAverage(t, s, momentum),
    fed: movingAverage(t, s, input("momentum", [])),
  });
  const got = await runOnce(program, { t: target, s: source, momentum: Float32Array.of(momentum) });
  return [got.fixed as Float32Array, got.fed as Float32Array];
}

test.each([0.9, 0.996, 0.5])(
  "movingAverage at %f lies that far from the source on the way to the target",
  async (momentum) => {
    const expected = Array.from(target, (value, i) => source[i]! + momentum * (value - source[i]!));
    for (const got of await average(momentum)) expect(relativeError(got, expected)).toBeLessThan(1e-6);
  },
);

test("movingAverage is the target at momentum 1 and the source at 0, to the bit", async () => {
  for (const got of await average(1)) expect(got).toEqual(target);
  for (const got of await average(0)) expect(got).toEqual(source);
});
