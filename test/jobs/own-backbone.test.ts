/** A backbone from outside of the project, by public names only, in all jobs. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addBackbone, embed, evaluate, exportEncoder, inspect, pretrain } from "afterimage";
import type { Backbone } from "afterimage/backbones";
import { decodeNpy } from "afterimage/formats";
import { conv } from "afterimage/nn";
import { mean, relu } from "afterimage/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { tinyPictures } from "../support/tiny-run.ts";

const schema = z.strictObject({ channels: z.int().positive().default(4) });

function plain({ channels }: z.infer<typeof schema>): Backbone {
  return {
    ...{ name: `plain_${channels}`, family: "plain", features: channels, multipleOf: 1, batchNorm: false },
    settings: { channels },
    build(scope, pictures) {
      const map = relu(conv(scope.at("conv"), pictures, { out: channels, kernel: 3, stride: 2, bias: true }));
      return { features: mean(map, [2, 3]), map };
    },
  };
}

const pictures = tinyPictures();
const choices = {
  ...{ backbone: "plain", backboneOptions: { channels: 8 }, imageSize: 16, batchSize: 8, epochs: 1 },
  ...{ pictures, threads: 1, monitorEvery: 0 },
};

let folder: string;
let out: string;
beforeAll(async () => {
  addBackbone({
    ...{ name: "plain", options: schema, module: "./plain.mjs" },
    make: plain,
    restore: (_name, settings) => plain(schema.parse(settings)),
  });
  folder = await mkdtemp(join(tmpdir(), "afterimage-own-backbone-"));
  out = join(folder, "run");
  await pretrain({ ...choices, out });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a run with a backbone of one's own", () => {
  it("is kept with its name, its settings and the module that adds it", async () => {
    const config = JSON.parse(await readFile(join(out, "config.json"), "utf8")) as { backbone: unknown };
    const backbone = { name: "plain_8", settings: { channels: 8 }, module: "./plain.mjs" };
    expect(config.backbone).toEqual(backbone);
  });

  it("is resumed with the same choices only", async () => {
    const { epochs, interrupted } = await pretrain({ ...choices, out, epochs: 2, resume: true });
    expect({ epochs, interrupted }).toMatchObject({ interrupted: false });
    const other = { ...choices, out, resume: true, backboneOptions: { channels: 4 } };
    await expect(pretrain(other)).rejects.toThrow(/expected `channels` 8; got 4/);
  });

  it("is evaluated, exported and used for embedding", async () => {
    const { trained } = await evaluate({ run: out, data: pictures, protocols: ["knn"], k: 3, threads: 1 });
    expect(trained.knn!.accuracy).toBeGreaterThan(0);
    await embed({ run: out, pictures, out: join(folder, "features.npy"), threads: 1 });
    expect(decodeNpy(await readFile(join(folder, "features.npy"))).shape).toEqual([pictures.size, 8]);
    const model = join(folder, "encoder.onnx");
    await exportEncoder({ run: out, out: model });
    const { layers } = await inspect(model);
    expect(layers.map(({ path, shape }) => [path, shape])).toEqual([
      ["conv.weight", [8, 3, 3, 3]],
      ["conv.bias", [8]],
    ]);
  });

  it("refuses an unknown option, with the known ones", async () => {
    const asked = { ...choices, out: join(folder, "none"), backboneOptions: { chanels: 8 } };
    await expect(pretrain(asked)).rejects.toThrow(
      /no option "chanels" .*expected some of channels\. Did you mean channels\?/,
    );
  });
});
