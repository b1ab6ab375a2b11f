import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deterministicWeight } from "../../../test/support/deterministic.ts";
import { writeTinyClassifier } from "../../../test/support/tiny-classifier.ts";
import { tinyLabelled, tinyVit } from "../../../test/support/tiny-fine-tuning.ts";
import { TINY_DINO_RESNET, TINY_METHODS, TINY_SIMCLR, tinyConfig } from "../../../test/support/tiny-run.ts";
import type { Choices } from "../../runs/configure/configure.ts";
import { dialectOf } from "../../runtime/dialect.ts";
import { describeRun } from "../../train/describe-run.ts";
import { buildStep } from "../../train/forms/whole-step.ts";
import { PICTURES, writeCheckpoint } from "../../train/node/checkpoint.ts";
import { runPaths, writeRunConfig } from "../../train/node/run-folder.ts";
import { initialEncoderValues, type Values } from "../../train/values.ts";
import { openSource } from "./open-source.ts";

let folder: string;
let v2: Values;
let dino: Values;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-source-"));
  v2 = await writeRun("v2", { ...TINY_METHODS["simclr-v2"]!, method: "simclr-v2" });
  await writeRun("simclr", { ...TINY_SIMCLR, method: "simclr" });
  dino = await writeRun("dino", TINY_DINO_RESNET);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A run as pre-training leaves it, in which every variable has the values of its path. */
async function writeRun(name: string, choices: Choices): Promise<Values> {
  const config = tinyConfig(choices);
  const { options } = describeRun(config);
  const { variables } = buildStep({ ...options, dialect: await dialectOf() });
  const values: Values = new Map(
    variables.map(({ path, shape }) => [path, deterministicWeight(path, shape)]),
  );
  const place = join(folder, name);
  await writeRunConfig(place, config);
  const known = { [PICTURES]: config.data.fingerprint };
  await writeCheckpoint(runPaths(place).checkpoints, 6, values, new Map(), known);
  return values;
}

const open = (name: string, fromHeadLayer?: number) =>
  openSource({ run: join(folder, name), fromHeadLayer }, () => {});

describe("openSource", () => {
  it("keeps the first layer of SimCLR v2's head, as the run's setting says", async () => {
    const { keptHead, source, start, encoder } = await open("v2");
    const width = v2.get("head.0.norm.weight")!.length;
    expect({ keptHead, source }).toEqual({ keptHead: { layers: 1, width, norm: true }, source: null });
    const names = ["linear.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"];
    expect([...start.head.keys()].sort()).toEqual(names.map((name) => `head.0.${name}`).sort());
    for (const [path, data] of start.head) expect(data).toEqual(v2.get(path));
    expect(start.encoder).toBe(encoder.values);
    for (const [name, data] of start.encoder) expect(data).toEqual(v2.get(`backbone.${name}`));
  });

  it("keeps as many layers as asked for, or none", async () => {
    const [two, none] = [await open("v2", 2), await open("v2", 0)];
    expect(two.keptHead).toMatchObject({ layers: 2 });
    expect(new Set([...two.start.head.keys()].map((path) => path.split(".")[1]))).toEqual(
      new Set(["0", "1"]),
    );
    expect(none).toMatchObject({ keptHead: null, start: { head: new Map() } });
    expect((await open("simclr")).keptHead).toBeNull();
    expect((await open("simclr", 1)).keptHead).toMatchObject({ layers: 1 });
  });

  it("tells networks by their weights, and those of the kept layers", async () => {
    const [one, again] = [await open("v2"), await open("v2")];
    const others = [await open("v2", 0), await open("v2", 2), await open("dino")];
    expect(again.weights).toBe(one.weights);
    expect(new Set([one, ...others].map(({ weights }) => weights)).size).toBe(4);
  });

  it.each([
    ["v2", 3, "0 to 2; got 3"],
    ["simclr", 2, "0 to 1; got 2"],
    ["dino", 1, "0: its head cannot be kept; got 1"],
  ])("refuses layers that %s does not have: %s", async (name, layers, message) => {
    await expect(open(name, layers)).rejects.toMatchObject({
      code: "usage/value",
      message: expect.stringContaining(message),
    });
  });

  it("begins with the average of a run that has one", async () => {
    const { start } = await open("dino");
    expect(start.encoder.size).toBeGreaterThan(20);
    for (const [name, data] of start.encoder)
      expect(data, name).toEqual(dino.get(`teacher.backbone.${name}`));
  });

  it("passes on what a fine-tuned run began with", async () => {
    const { task, answers, dataset } = tinyLabelled("classes");
    await writeTinyClassifier(join(folder, "tuned"), { task, answers, pictures: dataset });
    const { source, keptHead, start } = await open("tuned");
    expect({ source, keptHead, head: start.head.size }).toEqual({ source: null, keptHead: null, head: 0 });
    await expect(open("tuned", 1)).rejects.toMatchObject({ code: "usage/value" });
  });

  it("takes an encoder in memory, which has no head", async () => {
    const backbone = tinyVit();
    const run = {
      backbone,
      values: initialEncoderValues(backbone, { imageSize: 16, seed: 1 }),
      imageSize: 16,
    };
    const { start, keptHead } = await openSource({ run }, () => {});
    expect(keptHead).toBeNull();
    expect(start.encoder).toEqual(run.values);
    await expect(openSource({ run, fromHeadLayer: 1 }, () => {})).rejects.toThrow("its head cannot be kept");
  });
});
