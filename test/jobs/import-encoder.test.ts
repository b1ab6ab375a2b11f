/** Weights of another project as an encoder, from their files to evaluation, embedding, export and back. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NORMALIZATION } from "../../src/augment/view-spec.ts";
import { restoreBackbone } from "../../src/backbones/index.ts";
import { memoryDataset } from "../../src/data/memory-dataset.ts";
import { decodeNpy, decodeSafetensors } from "../../src/formats/index.ts";
import { embed } from "../../src/jobs/embed.ts";
import { encoderPaths, readEncoderFolder } from "../../src/jobs/encoders/encoder-folder.ts";
import { evaluate } from "../../src/jobs/evaluate.ts";
import { exportEncoder } from "../../src/jobs/export-encoder.ts";
import { finetune } from "../../src/jobs/finetune.ts";
import { importEncoder } from "../../src/jobs/import-encoder.ts";
import { inspect } from "../../src/jobs/inspect.ts";
import { Scope } from "../../src/nn/scope.ts";
import { Variables } from "../../src/nn/variables.ts";
import { decodeModel } from "../../src/onnx/model.ts";
import { randomStream } from "../../src/random/index.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, input } from "../../src/tensor/index.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";
import { arraysOf, type Shapes, writeFolder } from "../support/weight-files.ts";

const SIDE = 16;
let folder: string;
let hub: string;
let encoder: string;
const at = (name: string) => join(folder, name);

/** The files of Hugging Face's small `dinov2_with_registers` of the fixture, with values by their names. */
function hubFiles() {
  const { tensors, config } = readFixture("imports").setting<{
    tensors: [string, string, number[]][];
    config: object;
  }>("hf-dinov2-registers");
  const shapes: Shapes = Object.fromEntries(tensors.map(([name, , shape]) => [name, shape]));
  const preprocessor = {
    ...{ image_processor_type: "BitImageProcessor", do_center_crop: true, resample: 3 },
    ...{ size: { shortest_edge: SIDE }, crop_size: { height: SIDE, width: SIDE } },
    ...{ image_mean: [0.4, 0.5, 0.6], image_std: [0.2, 0.3, 0.4] },
  };
  return {
    "model.safetensors": arraysOf(shapes),
    "config.json": config,
    "preprocessor_config.json": preprocessor,
  };
}

/** Pictures that need no resizing. */
const pixels = new Uint8Array(12 * 3 * SIDE * SIDE);
const random = randomStream(0, "imported", 0, 0);
for (let i = 0; i < pixels.length; i++) pixels[i] = random.integer(0, 255);
const pictures = memoryDataset({
  canvas: SIDE,
  pictures: pixels,
  labels: Int32Array.from({ length: 12 }, (_, i) => i % 2),
  classNames: ["one", "other"],
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-import-"));
  hub = writeFolder(at("hub"), hubFiles());
  encoder = at("encoder");
  await importEncoder({ weights: hub, out: encoder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Features of the pictures by the backbone alone, normalised here. */
async function featuresOf(path: string): Promise<Float32Array> {
  const { facts, values } = readEncoderFolder(path);
  const { mean, std } = facts.preprocessing.normalize;
  const channel = (i: number) => Math.floor(i / SIDE ** 2) % 3;
  const normalized = Float32Array.from(
    pixels,
    (value, i) => (value / 255 - mean[channel(i)]!) / std[channel(i)]!,
  );
  const backbone = restoreBackbone(facts.backbone.name, facts.backbone.settings);
  const scope = new Scope(new Variables(), "", { training: false, trainable: false });
  const { features } = backbone.build(scope, input("pictures", [12, 3, SIDE, SIDE]));
  const results = await runOnce(compile({ features }), {
    pictures: normalized,
    ...Object.fromEntries(values),
  });
  return results.features as Float32Array;
}

describe("an imported encoder", () => {
  it("says what it is and how it sees pictures", async () => {
    expect(readEncoderFolder(encoder).facts).toEqual({
      format: "afterimage-encoder-1",
      recognised:
        "Hugging Face dinov2_with_registers ViT of 2 blocks and 32 features, patches of 4 pixels with registers, 0.0 M parameters, positions for 16 pixels",
      source: { path: hub, form: "safetensors", family: "hugging-face", prefix: "" },
      backbone: {
        name: "vit_patch4",
        settings: {
          ...{ imageSize: 16, patch: 4, width: 32, depth: 2, heads: 2, dropPath: 0 },
          ...{ layerScale: 1e-5, registers: 4, resampling: "antialiased" },
        },
      },
      parameters: expect.any(Number),
      imageSize: 16,
      preprocessing: {
        interpolation: "bicubic",
        normalize: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] },
        cropShare: 1,
      },
    });
  });

  it("gives the features of its backbone, with its own colours", async () => {
    const out = at("features.npy");
    expect(await embed({ run: encoder, pictures, out, threads: 1 })).toMatchObject({
      pictures: 12,
      features: 32,
    });
    const { data } = decodeNpy(readFileSync(out));
    expect(relativeError(data as Float32Array, await featuresOf(encoder))).toBeLessThan(1e-5);
  });

  it("is evaluated beside pixels and its untrained network, with no step to name", async () => {
    const result = await evaluate({ run: encoder, data: pictures, protocols: ["knn"], k: 1, threads: 1 });
    expect(result).toMatchObject({ run: encoder, protocol: { step: null, epochs: null, pictures: 12 } });
    expect(result.untrained.knn).toBeDefined();
  });

  it("is fine-tuned, if it sees the colours that training gives", async () => {
    const options = { pictures, out: at("fine-tuned"), epochs: 1, threads: 1, baselines: false };
    await expect(finetune({ ...options, run: encoder })).rejects.toThrow(
      /sees other colours.*got mean 0\.4,0\.5,0\.6/,
    );
    const files = hubFiles();
    const { image_mean: _, image_std: __, ...others } = files["preprocessor_config.json"];
    const usual = { image_mean: NORMALIZATION.mean, image_std: NORMALIZATION.std };
    const weights = writeFolder(at("usual"), {
      ...files,
      "preprocessor_config.json": { ...others, ...usual },
    });
    const run = at("usual-encoder");
    await importEncoder({ weights, out: run });
    const result = await finetune({ ...options, run });
    expect(result.config.backbone.settings).toMatchObject({ registers: 4, resampling: "antialiased" });
    expect(await embed({ run: result.run, pictures, out: at("tuned.npy"), threads: 1 })).toMatchObject({
      features: 32,
    });
  });

  it("is exported as ONNX, with its colours in the model's metadata", async () => {
    const out = at("encoder.onnx");
    expect(await exportEncoder({ run: encoder, out })).toMatchObject({ backbone: "vit_patch4", step: null });
    const { metadata } = decodeModel(readFileSync(out), out);
    expect(metadata).toMatchObject({ image_mean: "0.4,0.5,0.6", image_std: "0.2,0.3,0.4", crop_share: "1" });
  });

  it("is inspected", async () => {
    const { encoder: facts, parameters, layers } = await inspect(encoder);
    expect(facts?.source.family).toBe("hugging-face");
    expect(layers.map(({ path }) => path)).toContain("blocks.1.ls2.gamma");
    expect(parameters).toBe(facts?.parameters);
  });

  it("is read again from its own weights, to the same bits", async () => {
    const { weights } = encoderPaths(encoder);
    const again = at("again");
    const { recognised } = await importEncoder({ weights, out: again, heads: 2, imageSize: 32 });
    expect(recognised).toMatch(/^ViT of 2 blocks .* with registers in timm's names/);
    const [one, two] = [weights, encoderPaths(again).weights].map((path) =>
      decodeSafetensors(readFileSync(path)),
    );
    expect(two!.arrays).toEqual(one!.arrays);
    expect(readEncoderFolder(again).imageSize).toBe(32);
  });
});

describe("importEncoder", () => {
  it("writes nothing where the weights do not fit", async () => {
    const files = hubFiles();
    files["model.safetensors"].delete("embeddings.cls_token");
    const broken = writeFolder(at("broken"), files);
    const out = at("never");
    await expect(importEncoder({ weights: broken, out })).rejects.toMatchObject({ code: "weights/misfit" });
    expect(existsSync(out)).toBe(false);
  });

  it("replaces an encoder, and no other folder", async () => {
    const out = at("twice");
    await importEncoder({ weights: hub, out });
    await importEncoder({ weights: hub, out });
    expect(readdirSync(out).sort()).toEqual(["encoder.json", "encoder.safetensors"]);
    await expect(importEncoder({ weights: hub, out: hub })).rejects.toThrow(/other files in it.*`out`/);
    await expect(importEncoder({ weights: encoder, out: at("x") })).rejects.toThrow(
      /encoder of Afterimage already/,
    );
  });

  it("refuses a size that does not divide into the patches", async () => {
    const asked = importEncoder({ weights: hub, out: at("odd"), imageSize: 30 });
    await expect(asked).rejects.toThrow(/\(`imageSize`\); expected a multiple of 4; got 30/);
  });
});

describe("the folder of an encoder that was damaged", () => {
  const damagedFolder = async (name: string, damage: (paths: ReturnType<typeof encoderPaths>) => void) => {
    const out = at(name);
    await importEncoder({ weights: hub, out });
    damage(encoderPaths(out));
    return () => readEncoderFolder(out);
  };

  it("is refused with what is wrong", async () => {
    const facts = (change: object) => (paths: ReturnType<typeof encoderPaths>) =>
      writeFileSync(
        paths.facts,
        JSON.stringify({ ...JSON.parse(readFileSync(paths.facts, "utf8")), ...change }),
      );
    expect(await damagedFolder("a", facts({ imageSize: -1 }))).toThrow(
      /no description of an encoder.*imageSize/,
    );
    expect(await damagedFolder("b", facts({ backbone: { name: "swin", settings: {} } }))).toThrow(
      /no such backbone/,
    );
    expect(await damagedFolder("c", ({ facts: path }) => writeFileSync(path, "{"))).toThrow(/is not JSON/);
    expect(await damagedFolder("d", ({ weights }) => rmSync(weights))).toThrow(
      /cannot be read.*encoder\.safetensors/,
    );
    const smaller = {
      name: "vit_patch4",
      settings: { imageSize: 16, patch: 4, width: 48, depth: 2, heads: 2, dropPath: 0 },
    };
    expect(await damagedFolder("e", facts({ backbone: smaller }))).toThrow(
      /another network than encoder\.json says/,
    );
  });

  it("is not overwritten by what is made of it", async () => {
    const out = at("kept");
    await importEncoder({ weights: hub, out });
    const asked = embed({ run: out, pictures, out: encoderPaths(out).weights, threads: 1 });
    await expect(asked).rejects.toThrow(/a file of the encoder/);
  });
});
