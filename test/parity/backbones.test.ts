import { describe, expect, it } from "vitest";
import { type Backbone, resnet, VIT_SIZES, type VitSettings, vit } from "../../src/backbones/index.ts";
import { Scope } from "../../src/nn/scope.ts";
import { Variables } from "../../src/nn/variables.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, gradients, input, mul, sizeOf, sum, type Tensor } from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { probeError, relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-4;

interface Case {
  fixture: string;
  name: string;
  backbone: Backbone;
  shape: [number, number, number, number];
}

const resnets: Case[] = [
  { name: "resnet18", backbone: resnet({ depth: 18, width: 64, stem: "imagenet" }), shape: [2, 3, 64, 64] },
  {
    name: "resnet18_cifar",
    backbone: resnet({ depth: 18, width: 64, stem: "cifar" }),
    shape: [4, 3, 32, 32],
  },
  { name: "resnet50", backbone: resnet({ depth: 50, width: 64, stem: "imagenet" }), shape: [4, 3, 64, 64] },
].map((entry) => ({ ...entry, fixture: "resnet" }) as Case);

const tiny = vit("vit_tiny", { ...VIT_SIZES.tiny, imageSize: 32, patch: 4, dropPath: 0 });
const small = vit("vit_small", { ...VIT_SIZES.small, imageSize: 48, patch: 8, dropPath: 0 });
const vits: Case[] = [
  { name: "vit_tiny/32", backbone: tiny, shape: [2, 3, 32, 32] },
  { name: "vit_tiny/16_dino", backbone: tiny, shape: [2, 3, 16, 16] },
  { name: "vit_small/48", backbone: small, shape: [2, 3, 48, 48] },
  { name: "vit_small/32_dino", backbone: small, shape: [2, 3, 32, 32] },
].map((entry) => ({ ...entry, fixture: "vit" }) as Case);

/** What public weights need of a ViT; the names are the fixture's. */
const KINDS: Record<string, Partial<VitSettings>> = {
  scaled: { layerScale: 1e-5, registers: 3, epsilon: 1e-3 },
  gated: { layerScale: 1e-5, mlp: "swiglu", mlpWidth: 24, qkvBias: false },
  narrow: { registers: 2, classToken: false, mlpWidth: 48 },
};
const kinds: Case[] = (
  [
    ["scaled/16x16", 16, 16],
    ["scaled/24x12_offset", 24, 12],
    ["scaled/24x12_plain", 24, 12],
    ["scaled/8x24_antialiased", 8, 24],
    ["gated/16x16", 16, 16],
    ["narrow/16x16", 16, 16],
    ["narrow/12x12_antialiased", 12, 12],
  ] as const
).map(([name, height, width]) => {
  const [kind, resampling] = [name.split("/")[0]!, name.split("_")[1]];
  const settings: VitSettings = {
    ...{ imageSize: 16, patch: 4, width: 32, depth: 2, heads: 2, dropPath: 0, ...KINDS[kind] },
    ...((resampling === "plain" || resampling === "antialiased") && { resampling }),
  };
  return { fixture: "vit-kinds", name, backbone: vit("vit", settings), shape: [2, 3, height, width] };
});

/**
 * Features. In training also every parameter's gradient of `Σ features · R`, and every state's next value.
 */
async function compute({ fixture, name, backbone, shape }: Case, training: boolean) {
  const reference = readFixture(fixture);
  const variables = new Variables();
  const pictures = input("pictures", shape);
  const { features } = backbone.build(new Scope(variables, "", { training, trainable: true }), pictures);
  const outputs = { features, ...(training && learned(features, variables)) };
  const results = await runOnce(
    compile(outputs, { contrib: true }),
    {
      pictures: deterministic(`${name}.input`, sizeOf(shape)),
      ...(training && { R: deterministic(`${name}.R`, features.size) }),
      ...Object.fromEntries(variables.all.map((v) => [v.path, reference.weight(name, v.path, v.shape)])),
    },
    { threads: 2 },
  );
  return { reference, variables, results: results as Record<string, Float32Array> };
}

function learned(features: Tensor, variables: Variables): Record<string, Tensor> {
  const grads = gradients(
    sum(mul(features, input("R", features.shape))),
    variables.parameters.map(({ value }) => value),
  );
  const replaced = variables.all.filter(({ next, value }) => next !== value);
  return {
    ...Object.fromEntries(variables.parameters.map(({ path }, i) => [`grad:${path}`, grads[i]!])),
    ...Object.fromEntries(replaced.map(({ path, next }) => [`next:${path}`, next])),
  };
}

describe.each(resnets)("$name", (entry) => {
  it("has torchvision's features, gradients and running statistics while training", async () => {
    const { reference, variables, results } = await compute(entry, true);
    const { name } = entry;
    expect(relativeError(results.features!, reference.floats(`${name}/features/train`))).toBeLessThan(
      TOLERANCE,
    );
    expect(variables.parameters.map(({ path }) => path).sort()).toEqual(
      reference.endings(`${name}/grad/`).sort(),
    );
    for (const { path } of variables.parameters) {
      expect(
        probeError(results[`grad:${path}`]!, reference.numbers(`${name}/grad/${path}`)),
        path,
      ).toBeLessThan(TOLERANCE);
    }
    for (const path of reference.endings(`${name}/next/`)) {
      expect(
        probeError(results[`next:${path}`]!, reference.numbers(`${name}/next/${path}`)),
        path,
      ).toBeLessThan(TOLERANCE);
    }
  });

  it("has torchvision's features in evaluation", async () => {
    const { reference, results } = await compute(entry, false);
    expect(relativeError(results.features!, reference.floats(`${entry.name}/features/eval`))).toBeLessThan(
      TOLERANCE,
    );
  });
});

describe.each([...vits, ...kinds])("$name", (entry) => {
  it("has timm's features and gradients", async () => {
    const { reference, variables, results } = await compute(entry, true);
    const { name } = entry;
    expect(relativeError(results.features!, reference.floats(`${name}/features`))).toBeLessThan(TOLERANCE);
    expect(variables.parameters.map(({ path }) => path).sort()).toEqual(
      reference.endings(`${name}/grad/`).sort(),
    );
    for (const { path } of variables.parameters) {
      expect(
        probeError(results[`grad:${path}`]!, reference.numbers(`${name}/grad/${path}`)),
        path,
      ).toBeLessThan(TOLERANCE);
    }
  });
});
