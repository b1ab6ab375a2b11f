import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, names, options, pictures, useTeacher } from "../../test/support/tiny-distill.ts";
import { TINY, TINY_SIMCLR } from "../../test/support/tiny-run.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { readNewestCheckpoint } from "../train/node/checkpoint.ts";
import { runPaths, writePictureNames } from "../train/node/run-folder.ts";
import { distill } from "./distill.ts";
import { embed } from "./embed.ts";
import { exportEncoder } from "./export-encoder.ts";
import { openClassifier } from "./open-classifier.ts";
import { predict } from "./predict.ts";
import { pretrain } from "./pretrain.ts";

useTeacher();

const unlabelled: PictureDataset = { ...pictures, labels: null, classNames: null };

const checkpointOf = (out: string) =>
  readNewestCheckpoint(runPaths(join(folder, out)).checkpoints, null).then((found) => found!);

describe("distill", () => {
  it("trains a student that is tested beside its teacher, and that other jobs use as a fine-tuned run", async () => {
    const result = await distill(options("student"));
    const { teacher, scores, epochs, agreement, pictures: counts, ...rest } = result;
    expect(rest).toMatchObject({ interrupted: false, testedOn: "validation", steps: 12, notes: [] });
    expect(counts).toEqual({ training: 39, labelled: 0, validation: 9, test: 0 });
    expect(scores).toMatchObject({ kind: "classes", pictures: 9 });
    expect(teacher).toMatchObject({ baseline: "teacher", headline: { measure: "accuracy", value: 1 } });
    expect(epochs.map(({ validation }) => validation?.pictures)).toEqual([9, 9, 9]);
    expect(epochs.at(-1)!.metrics.agreement).toBeGreaterThan(0);
    expect(agreement).toBeGreaterThan(0);
    const files = await readdir(result.run);
    for (const file of ["encoder.onnx", "result.json", "confusion.png", "training-features.safetensors"])
      expect(files).toContain(file);
    const student = await openClassifier(result.run, () => {});
    expect(student.task.names).toEqual(names);
    expect(student.backbone.features).toBe(32);
    const { predictions, notes } = await predict({ run: result.run, pictures, threads: 1 });
    expect({ notes, known: predictions!.every(({ distance }) => distance !== null) }).toEqual({
      ...{ notes: [], known: true },
    });
    const features = join(folder, "features.npy");
    expect(await embed({ run: result.run, pictures, out: features, threads: 1 })).toMatchObject({
      features: 32,
    });
    const exported = await exportEncoder({ run: result.run, out: join(folder, "student.onnx") });
    expect(exported).toMatchObject({ labels: names, features: 32 });
  }, 120_000);

  it("learns from pictures without labels: nothing is tested, and the temperature is the teacher's", async () => {
    const result = await distill(options("unlabelled", { pictures: unlabelled }));
    expect(result).toMatchObject({ testedOn: null, scores: null, teacher: null, confusion: null, notes: [] });
    expect(result.pictures).toEqual({ training: 48, labelled: 0, validation: 0, test: 0 });
    expect(result.agreement).toBeGreaterThan(0);
    const [own, teacher] = await Promise.all(
      [result.run, join(folder, "teacher")].map((run) => openClassifier(run, () => {})),
    );
    expect(own!.temperature).toBe(teacher!.temperature);
    expect((await predict({ run: result.run, pictures, threads: 1 })).notes).toEqual([]);
  }, 120_000);

  it("does not use labels that the teacher does not know, says so, and refuses to learn them", async () => {
    const others = { ...pictures, classNames: ["2022", "2023", "2024"] };
    const result = await distill(options("years", { pictures: others, epochs: 1 }));
    expect(result.scores).toBeNull();
    expect(result.notes).toEqual([
      expect.stringContaining("the classes of the pictures are 2022, 2023, 2024"),
    ]);
    await expect(distill(options("taught", { pictures: others, labelWeight: 0.5 }))).rejects.toThrow(
      /no picture has a label that could be learned .*`labelWeight`/,
    );
    await expect(readdir(join(folder, "taught"))).rejects.toThrow("ENOENT");
  }, 120_000);

  it("mixes in as many labels as are asked for", async () => {
    const result = await distill(
      options("few", { settings: { labelWeight: 0.5 }, labels: "4-per-class", microBatch: 4, epochs: 1 }),
    );
    expect(result.pictures).toMatchObject({ training: 39, labelled: 12 });
    expect(result.config).toMatchObject({
      method: { settings: { labelWeight: 0.5 } },
      labels: { amount: "4-per-class", names },
    });
  }, 120_000);

  it("warns of tested pictures that trained the teacher", async () => {
    const own = join(folder, "same");
    await cp(join(folder, "teacher"), own, { recursive: true });
    const { fingerprint } = pictures;
    await writePictureNames(own, { fingerprint, names: pictures.names });
    const { notes } = await distill(options("warned", { run: own, epochs: 1 }));
    expect(notes).toEqual([
      "9 of the tested pictures have names of pictures that trained the teacher; if they are the same, scores are too good",
    ]);
  }, 120_000);

  it("begins with the encoder of a run, and has its network; such a run cannot be the teacher", async () => {
    const source = join(folder, "source");
    await pretrain({
      ...TINY,
      ...TINY_SIMCLR,
      pictures,
      out: source,
      threads: 1,
      epochs: 1,
      monitorEvery: 0,
    });
    const begin = { ...options("from", { from: source, epochs: 1 }), training: { learningRate: 0 } };
    const { backbone: _, backboneOptions: __, ...asked } = begin;
    const { config } = await distill(asked);
    expect(config.labels!.from).toMatchObject({ run: source });
    const [own, before] = [
      await checkpointOf("from"),
      await readNewestCheckpoint(runPaths(source).checkpoints, null),
    ];
    const path = "backbone.conv1.weight";
    expect(own.arrays.get(path)).toEqual(before!.arrays.get(path));
    await expect(distill(options("both", { from: source }))).rejects.toThrow(
      /a student that begins with a run has the network of that run .*expected no `backbone`/s,
    );
    await expect(distill(options("none", { run: source }))).rejects.toThrow(
      /this run was pre-trained only, so it cannot predict labels/,
    );
    await expect(readdir(join(folder, "none"))).rejects.toThrow("ENOENT");
  }, 120_000);

  it("by default has the teacher's network; pictures of another size are resized in the graph", async () => {
    const { backbone: _, backboneOptions: __, ...same } = options("self", { epochs: 1 });
    const own = await distill(same);
    const teacher = await openClassifier(join(folder, "teacher"), () => {});
    expect(own.config).toMatchObject({ backbone: teacher.config.backbone, imageSize: 16 });
    const small = await distill(options("small", { imageSize: 8, epochs: 1 }));
    expect(small.config).toMatchObject({ imageSize: 8, canvas: 24 });
    expect(small.interrupted).toBe(false);
  }, 120_000);
});
