/** ResNet-50 with dilated stages against torchvision (scripts/make_dilated_resnet.py). */
import { expect, test } from "vitest";
import { resnet } from "../../src/backbones/index.ts";
import { Scope } from "../../src/nn/scope.ts";
import { Variables } from "../../src/nn/variables.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, input, shapeOf, sizeOf } from "../../src/tensor/index.ts";
import { deterministic, deterministicWeight } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { probeError } from "../support/probe.ts";

const fixture = readFixture("dilated-resnet");

test.each([16, 8] as const)("ResNet-50 at stride %i has torchvision's map", async (outputStride) => {
  const shape = fixture.setting<number[]>("shape");
  const backbone = resnet({ depth: 50, width: 64, stem: "imagenet", outputStride });
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: false, trainable: true });
  const map = backbone.build(scope, input("pictures", shape)).map!;
  const [, , h, w] = shapeOf(map, 4, "test");
  expect([h * w]).toEqual(fixture.numbers(`stride${outputStride}/size`));
  const values = variables.all.map(({ path, shape: own }) => {
    const weight = deterministicWeight(path, own);
    return [path, path.endsWith("bn3.weight") ? weight.map((value) => value / 4) : weight];
  });
  const results = await runOnce(compile({ map }, { contrib: true }), {
    pictures: deterministic("dilated.input", sizeOf(shape)),
    ...Object.fromEntries(values),
  });
  expect(probeError(results.map as Float32Array, fixture.floats(`stride${outputStride}/map`))).toBeLessThan(
    1e-4,
  );
});
