/** A method from outside of the project through every job, by public names. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluate, exportEncoder, inspect, type PretrainOptions, pretrain } from "afterimage";
import { simclrViews } from "afterimage/augment";
import { vicreg } from "afterimage/losses";
import { addMethod, type Method } from "afterimage/methods";
import { linear } from "afterimage/nn";
import { split } from "afterimage/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { tinyPictures } from "../support/tiny-run.ts";

const method: Method<{ width: number }> = {
  name: "own-vicreg",
  module: "./own-vicreg.mjs",
  settings: z.strictObject({ width: z.int().positive().default(8) }),
  objective: ({ width }, { imageSize }) => ({
    views: [{ name: "pair", views: simclrViews({ size: imageSize }) }],
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), views.pair!);
      return { pair: linear(scope.at("head"), features, { out: width }) };
    },
    loss({ pair }, { batchSize }) {
      const [first, second] = split(pair!, 0, [batchSize, batchSize]);
      return { loss: vicreg(first!, second!) };
    },
  }),
};

const pictures = tinyPictures();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-own-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const options = (out: string): PretrainOptions => ({
  ...{ pictures, out: join(folder, out), imageSize: 16, batchSize: 8, epochs: 2, threads: 1 },
  backboneOptions: { widthMultiplier: 1 / 16 },
});

/** Values of the last checkpoint, as bytes. */
const checkpointOf = (out: string) => readFile(join(folder, out, "checkpoints", "step-00000006.safetensors"));

describe("a method of one's own", () => {
  it("trains with its settings, and ends with the same bits after an interruption", async () => {
    const settings = { width: 12 };
    const whole = await pretrain({ ...options("whole"), method, settings });
    expect(whole.config.method).toEqual({ name: "own-vicreg", settings, module: "./own-vicreg.mjs" });
    const stop = new AbortController();
    const first = await pretrain({
      ...options("parts"),
      ...{ method: "own-vicreg", settings, signal: stop.signal },
      onProgress: (event) => void (event.type === "step" && event.step === 4 && stop.abort()),
    });
    expect(first.interrupted).toBe(true);
    await pretrain({ ...options("parts"), method: "own-vicreg", resume: true });
    const [a, b] = [await checkpointOf("whole"), await checkpointOf("parts")];
    expect(b.subarray(-4096)).toEqual(a.subarray(-4096));
    expect(b.length).toBe(a.length);
  });

  it("has runs that are evaluated and exported like any other", async () => {
    const run = join(folder, "whole");
    const { trained } = await evaluate({ run, data: pictures, threads: 1 });
    expect(trained.knn!.accuracy).toBeGreaterThan(0);
    const { out } = await exportEncoder({ run, out: join(folder, "own.onnx") });
    expect((await inspect(out)).source).toBe(out);
  });

  it("is refused for wrong settings, for a name of the catalogue, and where it is unknown", async () => {
    await expect(
      pretrain({ ...options("wrong"), method: "own-vicreg", settings: { width: 0 } }),
    ).rejects.toThrow(/width/);
    expect(() => addMethod({ ...method, name: "simclr" })).toThrow(/name of one of the catalogue.*simclr/);
    const path = join(folder, "whole", "config.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"own-vicreg"', '"lost"'));
    await expect(evaluate({ run: join(folder, "whole"), data: pictures })).rejects.toThrow(
      /not known here.*config\.json.*got lost.*addMethod.*--import \.\/own-vicreg\.mjs/,
    );
  });
});
