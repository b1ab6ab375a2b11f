/** Public encoders, recognised by their names, against the networks of the projects that they come from. */
import { describe, expect, it } from "vitest";
import { Scope } from "../../src/nn/scope.ts";
import { Variables } from "../../src/nn/variables.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, gradients, input, mul, sizeOf, sum } from "../../src/tensor/index.ts";
import { type RecogniseOptions, recogniseWeights, type WeightSource } from "../../src/weights/index.ts";
import { deterministic, deterministicWeight } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { probeError, relativeError } from "../support/probe.ts";

const fixture = readFixture("imports");

interface Case {
  /** Full name, name within the network (null: around it), shape. */
  tensors: [string, string | null, number[]][];
  config: Record<string, unknown> | null;
  sizes: number[];
}

/** What is said of each case, and what it cannot tell of itself. */
const CASES: Record<string, { says: string; options?: RecogniseOptions }> = {
  "timm-vit": { says: "timm vit_small_patch16_224 ViT of 2 blocks", options: { heads: 2 } },
  "timm-dinov2-registers": {
    says: "timm vit_small_patch14_reg4_dinov2 ViT of 2 blocks and 32 features, patches of 4 pixels with registers",
    options: { heads: 2 },
  },
  "timm-dinov2-giant": { says: "with registers", options: { heads: 2 } },
  "torchvision-vit": { says: "torchvision ViT of 2 blocks", options: { heads: 2 } },
  "torchvision-resnet18": { says: "torchvision ResNet-18, 11.2 M parameters" },
  "lightly-resnet18": { says: "lightly ResNet-18, 11.2 M parameters" },
  "hf-vit": { says: "Hugging Face vit ViT of 2 blocks and 32 features, patches of 4 pixels" },
  "hf-vit-5": { says: "Hugging Face vit" },
  "hf-vit-no-bias": { says: "Hugging Face vit" },
  "hf-dinov2": { says: "Hugging Face dinov2 ViT" },
  "hf-dinov2-swiglu": { says: "Hugging Face dinov2 ViT" },
  "hf-dinov2-swiglu-5": { says: "Hugging Face dinov2 ViT" },
  "hf-dinov2-registers": {
    says: "patches of 4 pixels with registers, 0.0 M parameters, positions for 16 pixels",
  },
  "hf-ijepa": { says: "Hugging Face ijepa ViT" },
  "hf-resnet-basic": { says: "Hugging Face resnet ResNet-18 of 8 channels at first" },
  "hf-resnet-101": { says: "Hugging Face resnet ResNet-101 of 4 channels at first" },
  "hf-resnet-bottleneck": { says: "Hugging Face resnet ResNet-50 of 8 channels at first" },
  dino: { says: "DINO ViT", options: { heads: 2 } },
  dinov2: { says: "DINOv2 ViT", options: { heads: 2 } },
  "dinov2-registers": { says: "DINOv2 ViT of 2 blocks and 32 features", options: { heads: 2 } },
  "dinov2-giant-in-chunks": { says: "DINOv2 ViT", options: { heads: 2 } },
  mae: { says: "MAE ViT", options: { heads: 2 } },
  "i-jepa": { says: "I-JEPA ViT", options: { heads: 2 } },
  "moco-v3": { says: "MoCo v3 ViT", options: { heads: 2 } },
};

/** A file of that project, with the values that both sides compute. */
function sourceOf(name: string): WeightSource {
  const { tensors, config } = fixture.setting<Case>(name);
  const stored = tensors.map(([full, own, shape]) => {
    const load = () => ({ dtype: "F32" as const, shape, data: valuesOf(own, shape) });
    return [full, { dtype: "F32" as const, shape, load }] as const;
  });
  return { where: name, form: "safetensors", tensors: new Map(stored), config, preprocessor: null };
}

/** Of a tensor around the network: nothing that may be read. Of two in one: one above the other. */
function valuesOf(own: string | null, shape: readonly number[]): Float32Array {
  if (own === null) throw new Error("a tensor was read that is no part of the network");
  const parts = own.split("+");
  if (parts.length === 1) return deterministicWeight(own, shape);
  const each = [shape[0]! / parts.length, ...shape.slice(1)];
  return Float32Array.from(parts.flatMap((part) => [...deterministicWeight(part, each)]));
}

async function compute(name: string, size: number) {
  const { backbone, load } = recogniseWeights(sourceOf(name), CASES[name]!.options);
  const shape = [2, 3, size, size];
  const pictures = input("pictures", shape);
  const scope = new Scope(new Variables(), "", { training: false, trainable: true });
  const { features } = backbone.build(scope, pictures);
  const [grad] = gradients(sum(mul(features, input("R", features.shape))), [pictures]);
  return runOnce(compile({ features, grad: grad! }), {
    pictures: deterministic(`${name}.input`, sizeOf(shape)),
    R: deterministic(`${name}.R`, features.size),
    ...Object.fromEntries(load()),
  }) as Promise<Record<"features" | "grad", Float32Array>>;
}

it("are all of the fixture's", () => {
  expect(Object.keys(CASES).sort()).toEqual(fixture.setting<string[]>("cases").sort());
});

describe.each(Object.entries(CASES))("%s", (name, { says, options }) => {
  it("is said to be what it is", () => {
    expect(recogniseWeights(sourceOf(name), options).recognised).toContain(says);
  });

  it.each(fixture.setting<Case>(name).sizes)(
    "has the features and the gradient at %d pixels",
    async (size) => {
      const { features, grad } = await compute(name, size);
      expect(relativeError(features, fixture.floats(`${name}/${size}/features`))).toBeLessThan(1e-5);
      expect(probeError(grad, fixture.numbers(`${name}/${size}/grad`))).toBeLessThan(1e-4);
    },
  );
});
