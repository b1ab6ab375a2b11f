import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resnet } from "../../src/backbones/index.ts";
import { arraysOf, shapesOf, under, writeFolder } from "../support/weight-files.ts";
import { afterimage, lastObject, makePictures } from "./support.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const shapes = shapesOf(resnet({ depth: 18, width: 8, stem: "cifar" }), 32);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-cli-import-"));
  const moco = { ...under("module.encoder_q.", shapes), ...under("module.encoder_k.", shapes) };
  writeFolder(at("weights"), {
    "moco.safetensors": arraysOf({ ...moco, "module.encoder_q.fc.weight": [10, 64] }),
  });
  const { "bn1.bias": _, ...broken } = shapes;
  writeFolder(at("broken"), { "x.safetensors": arraysOf({ ...broken, "layer1.0.se.weight": [4, 8] }) });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("says what was imported, and evaluates it", async () => {
  const { status, stdout, stderr } = await afterimage(["import", at("weights"), "--out", at("encoder")]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.split("\n")).toEqual([
    `${at("encoder")}: MoCo ResNet-18 of 8 channels at first with the CIFAR stem, 0.2 M parameters; 64 features, from safetensors`,
    "sees the central square of a picture at 32 × 32 pixels, bilinear; mean 0.485, 0.456, 0.406, deviation 0.229, 0.224, 0.225",
    "left out: a head (module.encoder_q.fc.weight)",
    `not looked at: ${Object.keys(shapes).length} tensors in other parts of the file`,
    `Next: afterimage evaluate ${at("encoder")} --data '<pictures>'`,
    "",
  ]);
  const pictures = await makePictures(at("pictures"), { perClass: 4, size: 16 });
  const words = ["evaluate", at("encoder"), "--data", pictures, "--protocol", "knn", "--k", "3"];
  const evaluated = await afterimage(words, { env: { AFTERIMAGE_CACHE: at("cache") } });
  expect(evaluated.status).toBe(0);
  expect(evaluated.stdout).toMatch(/^\S+encoder, on .*: 12 pictures of 3 classes\n/);
  const inspected = await afterimage(["inspect", at("encoder")]);
  expect(inspected.stdout).toMatch(/MoCo ResNet-18 .*; from .*weights\nsees the central square/);
}, 60_000);

it("lists every tensor that does not fit below the sentence, and in the object", async () => {
  const { status, stderr, ...finished } = await afterimage([
    "import",
    at("broken"),
    "--out",
    at("none"),
    "--json",
  ]);
  expect(status).toBe(2);
  expect(stderr.split("\n")).toEqual([
    expect.stringMatching(/^afterimage: these weights do not fit a torchvision ResNet-18 of 8 channels/),
    "  missing: bn1.bias [8]",
    "  left over: layer1.0.se.weight [4, 8]",
    "",
  ]);
  expect(lastObject({ status, stderr, ...finished })).toMatchObject({
    error: {
      code: "weights/misfit",
      details: ["missing: bn1.bias [8]", "left over: layer1.0.se.weight [4, 8]"],
    },
  });
});
