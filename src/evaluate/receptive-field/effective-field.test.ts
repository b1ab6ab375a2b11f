import { describe, expect, test } from "vitest";
import type { Backbone } from "../../backbones/backbone.ts";
import { createBackbone } from "../../backbones/index.ts";
import { conv, linear } from "../../nn/index.ts";
import { Scope } from "../../nn/scope.ts";
import { Variables } from "../../nn/variables.ts";
import { randomStream } from "../../random/index.ts";
import { input, mean, mul } from "../../tensor/index.ts";
import { effectiveField } from "./effective-field.ts";

const SIDE = 31;

/** Convolutions of equal weights, one after another. */
function boxes(kernels: readonly number[], factor = 1): Backbone {
  return {
    ...{ name: "boxes", family: "boxes", features: 1, multipleOf: 1, batchNorm: false, settings: {} },
    build(scope, pictures) {
      const map = kernels.reduce(
        (x, kernel, i) => conv(scope.at(`conv${i}`), x, { out: 1, kernel, padding: (kernel - 1) / 2 }),
        pictures,
      );
      return { map, features: linear(scope.at("head"), mul(mean(map, [2, 3]), factor), { out: 1 }) };
    },
  };
}

function ones(backbone: Backbone): Map<string, Float32Array> {
  const variables = new Variables();
  backbone.build(
    new Scope(variables, "", { training: false, trainable: true }),
    input("x", [1, 3, SIDE, SIDE]),
  );
  return new Map(
    variables.all.map(({ path, shape }) => [
      path,
      new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
    ]),
  );
}

const noise = (count: number, side: number) => {
  const pictures = new Float32Array(count * 3 * side * side);
  randomStream(0, "noise", 0, 0).fillNormal(pictures, 0, 1);
  return pictures;
};

const measure = (backbone: Backbone, layer?: string) =>
  effectiveField({
    ...{ backbone, values: ones(backbone), pictures: noise(2, SIDE), imageSize: SIDE, threads: 1 },
    ...(layer !== undefined && { layer }),
  });

describe("the effective field", () => {
  test("of one kernel of equal weights is its square", async () => {
    const field = await measure(boxes([5]));
    expect(field).toMatchObject({ layer: "conv0", place: [15, 15], map: [SIDE, SIDE], pixels: 24 });
    for (const axis of [0, 1] as const) {
      expect(field.gaussian.mean[axis]).toBeCloseTo(15.5, 4);
      expect(field.gaussian.deviation[axis]).toBeCloseTo(Math.sqrt((25 - 1) / 12), 4);
    }
    const inside = field.shares.filter((share) => share > 0);
    expect(inside).toHaveLength(25);
    for (const share of inside) expect(share).toBeCloseTo(1 / 25, 6);
  });

  test("of many kernels has the sum of their variances, and most of it in a part of the square", async () => {
    const field = await measure(boxes([3, 3, 3, 3, 3, 3]));
    expect(field.gaussian.deviation[0]).toBeCloseTo(Math.sqrt((6 * (9 - 1)) / 12), 4);
    expect(field.side).toBeLessThan(0.8 * 13);
    // 95 % of a Gaussian are within a circle of 2.45 deviations.
    expect(field.side).toBeCloseTo(Math.sqrt(Math.PI * -2 * Math.log(0.05)) * 2, 0);
  });

  test("of a layer that is named is that of its result", async () => {
    expect((await measure(boxes([3, 5]), "conv0")).pixels).toBe(9);
    await expect(measure(boxes([3]), "conv7")).rejects.toThrow("one of conv0, head");
    await expect(measure(boxes([3]), "head")).rejects.toThrow("has no places");
  });

  test("of a network whose weights are no numbers is refused", async () => {
    await expect(measure(boxes([3], 1)).then(() => null)).resolves.toBeNull();
    const backbone = boxes([3]);
    const values = ones(backbone);
    values.get("conv0.weight")!.fill(Number.NaN);
    const options = { backbone, values, pictures: noise(1, SIDE), imageSize: SIDE };
    await expect(effectiveField(options)).rejects.toThrow("is no field");
  });

  test("of a transformer is that of a patch's token, which sees all patches and its own the most", async () => {
    const backbone = createBackbone("vit_tiny", { imageSize: 32, patch: 8 });
    const variables = new Variables();
    const scope = new Scope(variables, "", { training: false, trainable: true });
    backbone.build(scope, input("x", [1, 3, 32, 32]));
    const values = new Map(
      variables.all.map(({ path, shape, initial }) => [path, initial(shape, randomStream(0, path, 0, 0))]),
    );
    const field = await effectiveField({
      ...{ backbone, values, pictures: noise(1, 32), imageSize: 32, layer: "blocks.2", threads: 1 },
    });
    expect(field).toMatchObject({ place: [2, 2], map: [4, 4] });
    const own = field.shares.filter((_, at) => Math.floor(at / 32) >> 3 === 2 && (at % 32) >> 3 === 2);
    expect(own.reduce((a, b) => a + b)).toBeGreaterThan(2 / 16);
    expect(field.shares.every((share) => share > 0)).toBe(true);
  });
});
