import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyBytes, damagedJson, valueOrOurs } from "../../test/support/damaged.ts";
import type { AfterimageError } from "../errors.ts";
import { pretrainOptions } from "../jobs/pretrain-options.ts";
import { type Choices, configure } from "../runs/configure/configure.ts";
import { readConfigFile } from "./config-file.ts";
import { flagsOf } from "./flags.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-config-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(content: string | Uint8Array) {
  const path = join(folder, "choices.json");
  await writeFile(path, content);
  return readConfigFile(path);
}

describe("readConfigFile", () => {
  it("reads choices, settings and training", async () => {
    const settings = { outputs: 512 };
    const content = { method: "dino", batchSize: 64, labels: false, learningRate: 0.5, settings };
    expect(await read(JSON.stringify(content))).toEqual({
      options: { method: "dino", batchSize: 64, labels: false, training: { learningRate: 0.5 }, settings },
      notes: [],
    });
  });

  it("reads every flag of pretrain but those of one call, and all settings", async () => {
    const flags = flagsOf(pretrainOptions).map(({ name }) => name);
    const ofOneCall = ["resume", "morePictures", "force", "verify"];
    const known = await read('{"none": 1}').catch(({ evidence }: AfterimageError) => evidence.expected);
    const expected = [...flags.filter((name) => !ofOneCall.includes(name)), "training", "settings"];
    expect(known).toBe(`one of ${expected.join(", ")}`);
    const content = { width: 0.5, patch: 4, learningRate: 1, training: { learningRate: 2, clip: 1 } };
    expect((await read(JSON.stringify(content))).options).toEqual({
      backboneOptions: { widthMultiplier: 0.5, patch: 4 },
      training: { learningRate: 2, clip: 1 },
    });
  });

  it("reads a file with a byte order mark, and one in UTF-16", async () => {
    const { options } = await read('{"epochs": 3}');
    expect((await read('\ufeff{"epochs": 3}')).options).toEqual(options);
    expect((await read(Buffer.from('\ufeff{"epochs": 3}', "utf16le"))).options).toEqual(options);
  });

  it.each([
    ["an unknown key", '{"epocs": 3}', /"epocs" is not known.*Did you mean epochs\?/],
    ["a flag's spelling of a key", '{"batch-size": 8}', /Did you mean batchSize\?/],
    ["a value of the wrong kind", '{"epochs": "3"}', /choices\.json, epochs.*number above 0.*got "3"/],
    ["a value out of range", '{"dropPath": 1}', /choices\.json, dropPath.*0 or more and below 1; got 1/],
    [
      "a word that is none of those there are",
      '{"norm": "bach"}',
      /one of batch, group.*Did you mean batch\?/,
    ],
    ["what belongs to one call", '{"force": true}', /"force" is not known/],
    ["an option without a flag", '{"fewestEpochs": 3}', /"fewestEpochs" is not known/],
    ["settings that are no object", '{"settings": [1]}', /settings\); expected an object/],
    ["a list", "[]", /expected an object/],
    ["what is no JSON", "{epochs: 3}", /not JSON/],
    ["a broken record of a run", '{"version": 1, "data": {}}', /not the configuration of a run/],
  ])("refuses %s", async (_name, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it.each<[string, Choices]>([
    ["a ResNet", { backboneOptions: { widthMultiplier: 0.25 }, batchSize: 64, seed: 5, epochs: 7 }],
    [
      "a ViT",
      { method: "dino", backbone: "vit_tiny", backboneOptions: { patch: 16 }, settings: { outputs: 32 } },
    ],
  ])("repeats a run by its configuration: %s", async (_name, choices) => {
    const data = { path: "pictures", fingerprint: "x", pictures: 1000 };
    const config = configure(choices, data);
    const environment = { threads: 3, provider: "cpu", afterimage: "0.1.0", onnxruntime: "1.30.0" };
    const history = [{ step: 3, changes: [{ name: "training.learningRate", from: 1, to: 0.1 }] }];
    const { options, notes } = await read(JSON.stringify({ ...config, environment, history }));
    expect(options.threads).toBe(3);
    expect(options).not.toHaveProperty("microBatch");
    expect(notes).toEqual([expect.stringContaining("settings changed during training")]);
    expect(configure(options, data)).toEqual(config);
  });

  it("takes any bytes, or refuses them in a sentence", async () => {
    const choices = {
      method: "dino",
      batchSize: 64,
      labels: false,
      settings: { outputs: 512 },
      training: {},
    };
    const run = configure({}, { path: "p", fingerprint: "f", pictures: 500 });
    const property = fc.asyncProperty(anyBytes(damagedJson(choices), damagedJson(run)), async (bytes) => {
      await valueOrOurs(() => read(bytes));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("refuses a file that is not there", async () => {
    await expect(readConfigFile(join(folder, "none.json"))).rejects.toMatchObject({ code: "data/missing" });
  });
});
