/**
 * The folder of a run: `config.json`, `metrics.jsonl`, `checkpoints/`, `encoder.onnx`, `reconstructions.png`,
 * and of one that learned from labels `result.json` with its pictures.
 */
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import type { Backbone } from "../../backbones/backbone.ts";
import { errorCode, fsReason } from "../../data/node/fs-error.ts";
import { makeFolder } from "../../data/node/make-folder.ts";
import { utf8Bytes } from "../../data/node/utf8-bytes.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import { encoderOf } from "../../methods/encoder-of.ts";
import { methodOfRun } from "../../methods/method-of-run.ts";
import { type EpochRecord, parseEpochRecord } from "../epoch-record.ts";
import { CONFIG_VERSION, parseRunConfig, type RunConfig } from "../run-config.ts";
import { encoderLengths, encoderValues, type Values } from "../values.ts";
import { type Checkpoint, checkpointNames, isCheckpointName, readNewestCheckpoint } from "./checkpoint.ts";
import { cannotWrite, nameOfPartial, writeFileWhole } from "./write-file.ts";

export interface RunPaths {
  folder: string;
  config: string;
  metrics: string;
  skipped: string;
  pictures: string;
  checkpoints: string;
  /** The weights of the best epoch, of a run that ends with them. */
  best: string;
  encoder: string;
  /** The reconstructions of methods that fill in hidden parts of pictures. */
  reconstructions: string;
  /** What a run that learned from labels gives on tested pictures, for programs. */
  result: string;
  /** The same for people: which classes are taken for which, and the worst mistakes. */
  confusion: string;
  mistakes: string;
  /** Features of training pictures, by which others are recognised as unlike them. */
  familiar: string;
}

export function runPaths(folder: string): RunPaths {
  return {
    folder,
    config: join(folder, "config.json"),
    metrics: join(folder, "metrics.jsonl"),
    skipped: join(folder, "skipped.jsonl"),
    pictures: join(folder, "pictures.json"),
    checkpoints: join(folder, "checkpoints"),
    best: join(folder, "checkpoints", "best.safetensors"),
    encoder: join(folder, "encoder.onnx"),
    reconstructions: join(folder, "reconstructions.png"),
    result: join(folder, "result.json"),
    confusion: join(folder, "confusion.png"),
    mistakes: join(folder, "mistakes.png"),
    familiar: join(folder, "training-features.safetensors"),
  };
}

/**
 * The configuration of the run in `folder`, or null when there is no such run yet.
 *
 * @throws AfterimageError `train/run-folder` when `config.json` cannot be understood.
 */
export async function readRunConfig(folder: string): Promise<RunConfig | null> {
  const { config } = runPaths(folder);
  const bytes = await readFile(config).catch((cause: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(cause))) return null;
    const evidence = { what: "the configuration cannot be read", where: config, got: fsReason(cause) };
    throw new AfterimageError("train/run-folder", evidence, { cause });
  });
  if (bytes === null) return null;
  try {
    return parseRunConfig(JSON.parse(utf8Bytes(bytes).toString("utf8")), config);
  } catch (cause) {
    if (cause instanceof AfterimageError) throw cause;
    throw new AfterimageError(
      "train/run-folder",
      { what: "this file is not JSON", where: config },
      { cause },
    );
  }
}

/** The beginning of every configuration. */
const BEGINNING = `{\n  "version": ${CONFIG_VERSION},\n  "method": {`;

/**
 * Whether `text` begins like this, as far as it goes. If it is shorter, it was cut short, or only zeros of it
 * reached the disk.
 */
export function beginsLike(text: string, beginning: string): boolean {
  const said = text.replace(/\0+$/, "");
  return said.startsWith(beginning) || beginning.startsWith(said);
}

/**
 * Whether there is a configuration that is cut short. That happens if the machine stops while it is being
 * written.
 */
export async function isCutShortConfig(folder: string): Promise<boolean> {
  const text = await readFile(runPaths(folder).config, "utf8").catch(() => null);
  return text !== null && beginsLike(text, BEGINNING) && !isJson(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export async function writeRunConfig(folder: string, config: RunConfig): Promise<void> {
  makeFolder(folder);
  await writeFileWhole(runPaths(folder).config, `${JSON.stringify(config, null, 2)}\n`);
}

/** The names of the pictures that a run was trained on, in their order. */
export type PictureNames = Pick<PictureDataset, "fingerprint" | "names">;

/** Stores the names of a run's pictures, unless they are stored already. */
export async function writePictureNames(folder: string, dataset: PictureNames): Promise<void> {
  const { fingerprint, names } = dataset;
  if ((await readPictureNames(folder))?.fingerprint === fingerprint) return;
  await writeFileWhole(runPaths(folder).pictures, JSON.stringify({ fingerprint, names }));
}

/** The names that were stored last; null if there are none that can be read. */
export async function readPictureNames(folder: string): Promise<PictureNames | null> {
  try {
    return pictureNames.parse(JSON.parse(await readFile(runPaths(folder).pictures, "utf8")));
  } catch {
    return null;
  }
}

const pictureNames = z.object({ fingerprint: z.string(), names: z.array(z.string()) });

/** Adds a line and waits until it is on the disk. A checkpoint that follows must not exist without it. */
export async function appendMetrics(folder: string, record: EpochRecord): Promise<void> {
  const { metrics } = runPaths(folder);
  try {
    const file = await open(metrics, "a");
    try {
      await file.writeFile(`${JSON.stringify(record)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cannotWrite(metrics, cause);
  }
}

/**
 * Removes the metrics after `step`, and any line that was cut short when the process was killed.
 *
 * @returns the metrics that remain.
 */
export async function rewindMetrics(folder: string, step: number): Promise<EpochRecord[]> {
  const { metrics } = runPaths(folder);
  const kept = (await readMetrics(folder)).filter((record) => record.step <= step);
  const text = kept.map((record) => `${JSON.stringify(record)}\n`).join("");
  const before = await readFile(metrics, "utf8").catch(() => "");
  if (text !== before) await writeFileWhole(metrics, text);
  return kept;
}

/**
 * The metrics written so far. Lines that cannot be read are left out, such as a last line that was cut short
 * when the process was killed.
 */
export async function readMetrics(folder: string): Promise<EpochRecord[]> {
  const text = await readFile(runPaths(folder).metrics, "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => parseEpochRecord(line) ?? []);
}

/** Whether anything was trained in this folder: there is a checkpoint, or an epoch in the metrics. */
export async function hasProgress(folder: string): Promise<boolean> {
  if ((await checkpointNames(runPaths(folder).checkpoints)).length > 0) return true;
  return (await readMetrics(folder)).length > 0;
}

/** Removes the files that a run wrote, and no other file in its folder. */
export async function removeRun(folder: string): Promise<void> {
  const { checkpoints, config } = runPaths(folder);
  const states = (await checkpointNames(checkpoints)).map((name) => join(checkpoints, name));
  // The configuration is removed last. If this is interrupted, the rest is still a run that can be removed.
  const others = filesOf(folder).filter((path) => path !== config);
  for (const path of [...states, ...others, config]) await rm(path, { force: true });
}

/** The paths of all files that a run may write besides its checkpoints. */
function filesOf(folder: string): string[] {
  const { folder: _, checkpoints: __, ...files } = runPaths(folder);
  return Object.values(files);
}

/** Removes unfinished files of processes that were killed. */
export async function removePartials(folder: string): Promise<void> {
  const { checkpoints } = runPaths(folder);
  const written = filesOf(folder).map((path) => basename(path));
  for (const place of [folder, checkpoints]) {
    for (const partial of await readdir(place).catch(() => [])) {
      const name = nameOfPartial(partial);
      const isOurs =
        name !== null && (written.includes(name) || (place !== folder && isCheckpointName(name)));
      if (isOurs) await rm(join(place, partial), { force: true });
    }
  }
}

export interface LoadedRun {
  config: RunConfig;
  /** The encoder. */
  backbone: Backbone;
  checkpoint: Checkpoint;
  /** The encoder's weights by bare name. */
  values: Values;
}

/** The message that a checkpoint was damaged and an older one is used. */
export function passedOver(path: string, reason: string): string {
  return `passed over ${path}: ${reason}`;
}

/**
 * A run's encoder at its last checkpoint.
 *
 * @param onNote called for each damaged checkpoint that is replaced by an older one.
 * @throws AfterimageError `train/run-folder` when `folder` is not a run or has no checkpoint yet.
 */
export async function loadRun(folder: string, onNote: (message: string) => void): Promise<LoadedRun> {
  const config = await readRunConfig(folder);
  if (config === null) {
    const exists = await stat(folder).then(
      () => true,
      () => false,
    );
    throw new AfterimageError("train/run-folder", {
      what: exists ? "this folder is no run" : "there is no such run",
      where: folder,
      expected: "a folder made by afterimage pretrain, with config.json, or by afterimage import",
    });
  }
  const backbone = encoderOf(config);
  const { encoder } = methodOfRun(config.method.name);
  const lengths = encoderLengths(backbone, config.imageSize, encoder);
  const expected = { lengths, pictures: config.data.fingerprint };
  const checkpoint = await readNewestCheckpoint(runPaths(folder).checkpoints, expected, (path, reason) =>
    onNote(passedOver(path, reason)),
  );
  if (checkpoint === null) {
    throw new AfterimageError("train/run-folder", {
      what: "this run has no checkpoint yet",
      where: folder,
      todo: "Let it train for an epoch, or resume it.",
    });
  }
  return { config, backbone, checkpoint, values: encoderValues(checkpoint.arrays, encoder) };
}
