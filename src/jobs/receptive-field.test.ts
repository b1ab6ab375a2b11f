import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TINY, TINY_SIMCLR, tinyPictures } from "../../test/support/tiny-run.ts";
import { OWN_PREPROCESSING } from "../augment/preprocessing.ts";
import { resnet } from "../backbones/index.ts";
import { initialEncoderValues } from "../train/values.ts";
import { writeEncoderFolder } from "./encoders/encoder-folder.ts";
import { pretrain } from "./pretrain.ts";
import { receptiveField } from "./receptive-field.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-fields-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a backbone's layers are listed with their largest branch, and pooling as the whole", async () => {
  const { kind, imageSize, layers, effective } = await receptiveField({ target: "resnet18" });
  expect({ kind, imageSize, effective }).toEqual({ kind: "backbone", imageSize: 224, effective: null });
  const sizes = layers.map(({ layer, fields }) => [layer, fields?.[0]?.size ?? null]);
  expect(sizes).toEqual([
    ["conv1", 7],
    ["maxpool", 11],
    ["layer1", 43],
    ["layer2", 99],
    ["layer3", 211],
    ["layer4", 435],
    ["avgpool", null],
  ]);
  expect(layers.at(-2)!.branches[0]!.layers.filter((layer) => layer.startsWith("layer4"))).toEqual([
    "layer4.0.conv1",
    "layer4.0.conv2",
    "layer4.1.conv1",
    "layer4.1.conv2",
  ]);
});

test("a layer is looked into, and ends with itself", async () => {
  const { layers } = await receptiveField({ target: "resnet18", layer: "layer2.0" });
  expect(layers.map(({ layer, fields }) => [layer, fields![0]!.size])).toEqual([
    ["layer2.0.conv1", 51],
    ["layer2.0.conv2", 67],
    ["layer2.0.downsample", 43],
    ["layer2.0", 67],
  ]);
});

test("the effective field is smaller, and is drawn", async () => {
  const out = join(folder, "field.png");
  const { effective, layers } = await receptiveField({
    ...{ target: "resnet18", imageSize: 64, layer: "layer2", out, threads: 1 },
  });
  expect(effective!.side).toBeLessThan(layers.at(-1)!.fields![0]!.size);
  expect(effective).toMatchObject({ layer: "layer2", fields: [{ size: 99 }, { size: 99 }] });
  const { width, height } = await sharp(out).metadata();
  expect([width, height]).toEqual([640, 640]);
});

test("the effective field is measured in pictures, if some are given", async () => {
  const pictures = join(folder, "pictures");
  await mkdir(pictures);
  for (let i = 0; i < 3; i++)
    await sharp({ create: { width: 40, height: 32, channels: 3, background: { r: 80 * i, g: 90, b: 20 } } })
      .png()
      .toFile(join(pictures, `${i}.png`));
  const { effective, notes } = await receptiveField({
    ...{ target: "resnet18", imageSize: 32, layer: "layer1", pictures, threads: 1 },
  });
  expect(effective).toMatchObject({ layer: "layer1", map: [32, 32], place: [16, 16] });
  expect(effective!.side).toBeLessThanOrEqual(effective!.fields![0]!.size);
  expect(notes.join()).toContain("colour");
});

test("a run and the model that it exports have the fields of their backbone", async () => {
  const pictures = tinyPictures();
  const options = { ...TINY, ...TINY_SIMCLR, epochs: 1, pictures, threads: 1, monitorEvery: 0 };
  const { run } = await pretrain({ ...options, out: join(folder, "run") });
  const ofRun = await receptiveField({ target: run, effective: true, threads: 1 });
  expect(ofRun).toMatchObject({ kind: "run", imageSize: TINY.imageSize });
  expect(ofRun.effective!.side).toBeGreaterThan(1);
  const ofModel = await receptiveField({ target: join(run, "encoder.onnx") });
  expect(ofModel).toMatchObject({ kind: "onnx", imageSize: null });
  const fields = ({ layers }: typeof ofRun) => layers.map(({ layer, branches }) => ({ layer, branches }));
  expect(fields(ofModel)).toEqual(fields(ofRun));
}, 60_000);

test("an imported encoder is taken in the place of a run, dilated stages too", async () => {
  const place = join(folder, "imported");
  const backbone = resnet({ depth: 18, width: 2, stem: "imagenet", outputStride: 8 });
  const values = initialEncoderValues(backbone, { imageSize: 64, seed: 0 });
  const source = { path: "x.pth", form: "safetensors", family: "torchvision", prefix: "" };
  const kept = { name: backbone.name, settings: backbone.settings };
  const { interpolation, normalize, cropShare } = OWN_PREPROCESSING;
  await mkdir(place);
  await writeEncoderFolder(
    place,
    {
      ...{ format: "afterimage-encoder-1", recognised: "ResNet-18", source, backbone: kept, parameters: 1 },
      ...{ imageSize: 64, preprocessing: { interpolation, normalize: normalize!, cropShare } },
    },
    { backbone, values },
  );
  const { kind, imageSize, layers, effective } = await receptiveField({
    ...{ target: place, effective: true, threads: 1 },
  });
  expect({ kind, imageSize }).toEqual({ kind: "run", imageSize: 64 });
  expect(layers.at(-2)).toMatchObject({
    layer: "layer4",
    fields: [
      { size: 435, jump: 8 },
      { size: 435, jump: 8 },
    ],
  });
  expect(effective!.map).toEqual([8, 8]);
});

test("mistakes are answered with a sentence", async () => {
  const model = join(folder, "no.onnx");
  await writeFile(model, "no model");
  const wrong: [Parameters<typeof receptiveField>[0], string][] = [
    [{ target: "resnet19" }, "one of resnet18"],
    [{ target: "resnet18", layer: "layer9" }, "layer1, layer2, layer3, layer4, avgpool, or one in them"],
    [{ target: "vit_tiny", imageSize: 61 }, "a multiple of"],
    [{ target: "resnet18", out: join(folder, "field.jpg") }, "ends in .png"],
    [{ target: model, effective: true }, "by its layers only"],
    [{ target: model }, "this is not an ONNX model"],
    [{ target: folder }, "config.json"],
  ];
  for (const [options, message] of wrong) await expect(receptiveField(options)).rejects.toThrow(message);
});
