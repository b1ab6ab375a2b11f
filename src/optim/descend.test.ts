import { describe, expect, it } from "vitest";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, mul, scalar, type Tensor } from "../tensor/index.ts";
import { type DescentOptions, descend, type ParameterHandling, slotPath } from "./descend.ts";
import { sgd } from "./sgd.ts";

const vector = (...values: number[]) => constant(values, [values.length]);

const HYPER = { learningRate: scalar(0.5), weightDecay: scalar(0.1), step: scalar(1) };

const PARAMETERS = [
  { path: "weight", shape: [2], value: vector(1, -2), decays: true },
  { path: "bias", shape: [1], value: vector(3), decays: false },
];
const GRADS = [vector(3, 0), vector(4)];

/** The results of one step, as plain numbers. */
async function step(options: Partial<DescentOptions> = {}) {
  const { values, slots, gradientNorm } = descend(PARAMETERS, GRADS, {
    optimizer: sgd({ momentum: 0 }),
    hyper: HYPER,
    ...options,
  });
  const next = Object.entries({ ...values, ...slots }).map(([path, tensor]) => [`next:${path}`, tensor]);
  const results = await runOnce(compile({ ...Object.fromEntries(next), norm: gradientNorm }), {
    ...(options.optimizer && {
      [slotPath("momentum", "weight")]: Float32Array.of(1, 1),
      [slotPath("momentum", "bias")]: Float32Array.of(1),
    }),
  });
  const plain = Object.entries(results).map(([name, data]) => [
    name.replace("next:", ""),
    Array.from(data as Float32Array),
  ]);
  return Object.fromEntries(plain) as Record<string, number[]>;
}

const only = (path: string, handling: ParameterHandling): Partial<DescentOptions> => ({
  handling: (parameter) => (parameter.path === path ? handling : {}),
});

const close = (got: readonly number[] | undefined, expected: readonly number[]) => {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(got![i]).toBeCloseTo(value, 6);
};

describe("descend", () => {
  it("takes the optimiser's step for every parameter, with decay where the parameter decays", async () => {
    const { weight, bias, norm } = await step();
    close(weight, [1 - 0.5 * (3 + 0.1), -2 - 0.5 * -0.2]);
    close(bias, [3 - 0.5 * 4]);
    close(norm, [5]);
  });

  it("decays everything where asked to", async () => {
    close((await step({ decayAll: true })).bias, [3 - 0.5 * (4 + 0.3)]);
  });

  it("clips each gradient, or all of them as one vector, and reports the norm before", async () => {
    const hyper = { ...HYPER, weightDecay: scalar(0) };
    const each = await step({ hyper, clip: 1 });
    close(each.weight, [1 - 0.5, -2]);
    close(each.bias, [3 - 0.5]);
    close(each.norm, [5]);
    const all = await step({ hyper, clipGlobal: 1 });
    close(all.weight, [1 - 0.5 * 0.6, -2]);
    close(all.bias, [3 - 0.5 * 0.8]);
    close(all.norm, [5]);
  });

  it("keeps a parameter and its slots as they are behind a closed gate, and counts its own steps", async () => {
    const closed = { gate: { open: scalar(0), step: scalar(1) } };
    const results = await step({ optimizer: sgd({ momentum: 0.9 }), ...only("weight", closed) });
    close(results.weight, [1, -2]);
    close(results[slotPath("momentum", "weight")], [1, 1]);
    close(results[slotPath("momentum", "bias")], [0.9 + 4]);
  });

  it("gives a parameter its own rate, a projection and an average", async () => {
    close((await step(only("bias", { learningRate: scalar(0.25) }))).bias, [3 - 0.25 * 4]);
    const projected = await step(only("bias", { project: (value: Tensor) => mul(value, 7) }));
    close(projected.bias, [7 * (3 - 0.5 * 4)]);
    const average = { path: "teacher.bias", value: vector(10), momentum: scalar(0.75) };
    const followed = await step(only("bias", { average }));
    close(followed["teacher.bias"], [0.75 * 10 + 0.25 * 1]);
  });

  it("reads slots from where it is told to", async () => {
    const slot = (path: string) => (path.endsWith("/bias") ? vector(2) : vector(0, 0));
    const { values } = descend(PARAMETERS, GRADS, { optimizer: sgd({ momentum: 0.5 }), hyper: HYPER, slot });
    const { bias } = await runOnce(compile({ bias: values.bias! }), {});
    close(Array.from(bias as Float32Array), [3 - 0.5 * (0.5 * 2 + 4)]);
  });
});
