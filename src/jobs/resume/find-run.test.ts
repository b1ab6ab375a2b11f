import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TINY_SIMCLR, tinyConfig } from "../../../test/support/tiny-run.ts";
import { encoderOf } from "../../methods/encoder-of.ts";
import { Notes } from "../../runs/notes.ts";
import { writeCheckpoint } from "../../train/node/checkpoint.ts";
import { runPaths, writePictureNames, writeRunConfig } from "../../train/node/run-folder.ts";
import { initialEncoderValues } from "../../train/values.ts";
import { writeEncoder } from "../write-encoder.ts";
import { findRun } from "./find-run.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-find-run-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = tinyConfig(TINY_SIMCLR);
const text = `${JSON.stringify(config, null, 2)}\n`;
const find = (options: Parameters<typeof findRun>[1] = {}) => findRun(folder, options, new Notes());
const checkpoint = () => writeCheckpoint(runPaths(folder).checkpoints, 3, new Map(), new Map());
const names = () => writePictureNames(folder, { fingerprint: config.data.fingerprint, names: ["a.png"] });
const encoder = (of = config) =>
  writeEncoder(runPaths(folder).encoder, {
    config: of,
    backbone: encoderOf(of),
    values: initialEncoderValues(encoderOf(of), of),
  });

describe("resume: auto", () => {
  it.each([0, 1, 20, 200, text.length - 3])(
    "begins where %i characters of a configuration came to the disk",
    async (length) => {
      await writeFile(runPaths(folder).config, text.slice(0, length));
      await names();
      expect((await find({ resume: "auto" })).existing).toBeNull();
      expect((await find()).existing).toBeNull();
      await expect(find({ resume: true })).rejects.toThrow(/no run to resume.*Use `resume: "auto"`/);
    },
  );

  it("begins where zeros of a configuration came to the disk", async () => {
    await writeFile(runPaths(folder).config, Buffer.alloc(900));
    expect((await find({ resume: "auto" })).existing).toBeNull();
  });

  it("begins in a folder that is missing, empty, or has files with other names", async () => {
    expect((await findRun(join(folder, "none"), { resume: "auto" }, new Notes())).existing).toBeNull();
    expect((await find({ resume: "auto" })).existing).toBeNull();
    await writeFile(join(folder, "notes.txt"), "mine");
    expect((await find({ resume: "auto" })).existing).toBeNull();
  });

  it("goes on where there is a configuration, with a checkpoint or without", async () => {
    await writeRunConfig(folder, config);
    expect((await find({ resume: "auto" })).existing).toEqual(config);
    await checkpoint();
    expect((await find({ resume: "auto" })).existing).toEqual(config);
  });

  it("neither begins nor goes on where checkpoints lost their configuration, or it is a stranger's", async () => {
    await writeFile(runPaths(folder).config, '{"architectures": []}');
    await expect(find({ resume: "auto" })).rejects.toThrow(/not the configuration of a run/);
    await writeFile(runPaths(folder).config, text.slice(0, 99));
    await checkpoint();
    await expect(find({ resume: "auto" })).rejects.toThrow(/but no config\.json/);
  });

  it("does not go together with force", async () => {
    await expect(find({ resume: "auto", force: true })).rejects.toThrow(/both resumed and started over/);
  });
});

describe("files of somebody else", () => {
  const OUTPUTS = [
    ...["encoder.onnx", "reconstructions.png", "metrics.jsonl", "pictures.json", "skipped.jsonl"],
    ...["result.json", "confusion.png", "mistakes.png", "training-features.safetensors"],
  ];

  it.each(OUTPUTS)("called %s are not overwritten by a run that begins", async (name) => {
    await writeFile(join(folder, name), "precious");
    for (const resume of [false, "auto"] as const)
      await expect(find({ resume })).rejects.toThrow(`would be overwritten (${join(folder, name)})`);
    expect(await readFile(join(folder, name), "utf8")).toBe("precious");
  });

  it.each(OUTPUTS)("called %s are not overwritten by a run that goes on or starts over", async (name) => {
    await writeRunConfig(folder, config);
    await writeFile(join(folder, name), "precious");
    const message = `would be overwritten (${join(folder, name)})`;
    await expect(find({ resume: true })).rejects.toThrow(message);
    await expect(find({ force: true })).rejects.toThrow(message);
    await expect(find()).rejects.toThrow(message);
  });

  it("are folders and links that lead nowhere, too", async () => {
    await mkdir(join(folder, "encoder.onnx"));
    await expect(find()).rejects.toThrow(/encoder\.onnx/);
    await rm(join(folder, "encoder.onnx"), { recursive: true });
    await symlink("nowhere", join(folder, "metrics.jsonl"));
    await expect(find()).rejects.toThrow(/metrics\.jsonl/);
  });

  it("are encoders of other runs, and pictures that no run wrote", async () => {
    await writeRunConfig(folder, config);
    await encoder({ ...config, seed: 9 });
    await expect(find({ resume: true })).rejects.toThrow(/encoder\.onnx/);
    await encoder();
    await find({ resume: true });
    const picture = sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } });
    await picture.png().toFile(runPaths(folder).reconstructions);
    await expect(find({ resume: true })).rejects.toThrow(/reconstructions\.png/);
  });

  it("are not what the run wrote: that is replaced by force", async () => {
    await writeRunConfig(folder, config);
    await Promise.all([names(), encoder(), checkpoint()]);
    await writeFile(runPaths(folder).metrics, '{"type":"epoch","epo');
    await writeFile(runPaths(folder).skipped, '{"path":"a.png","reason":"broken"}\n');
    await writeFile(join(folder, "notes.txt"), "mine");
    const { clear } = await find({ force: true });
    await clear();
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(["checkpoints", "notes.txt"]);
  });
});

describe("a folder in which another process trained meanwhile", () => {
  it("is left as it is", async () => {
    const found = await find({ resume: "auto" });
    await writeRunConfig(folder, config);
    await expect(found.clear()).rejects.toThrow(/another process has written to this folder/);
    const again = await find({ force: true });
    await checkpoint();
    await expect(again.clear()).rejects.toThrow(/another process/);
    expect(await readdir(folder)).toContain("config.json");
  });

  it("is gone on with where it is the same run", async () => {
    await writeRunConfig(folder, config);
    const found = await find({ resume: true });
    await checkpoint();
    await found.clear();
  });
});
