/** Features of training pictures in a run's folder, by which others are recognised as unlike them. */
import { readFile } from "node:fs/promises";
import { errorCode } from "../../data/node/fs-error.ts";
import { AfterimageError } from "../../errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../../formats/safetensors.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import { writeFileWhole } from "../../train/node/write-file.ts";
import { type Familiar, QUANTILE } from "../../transfer/find-unlike.ts";

const FORMAT = "afterimage-training-features-1";
/** The first entry of the file's metadata, by which it is recognised. */
export const FAMILIAR_FORMAT = `"format":"${FORMAT}"`;

/**
 * Writes `training-features.safetensors`: `features` float32 `[M, D]`, and in the metadata `threshold`, the
 * cosine distance above which a picture is unlike all of them.
 *
 * @param step of the network whose features these are.
 */
export async function writeFamiliar(folder: string, step: number, familiar: Familiar): Promise<string> {
  const { features, threshold } = familiar;
  const { familiar: path } = runPaths(folder);
  const shape = [features.rows, features.cols];
  const arrays = new Map([["features", { dtype: "F32" as const, shape, data: features.data }]]);
  const facts = { threshold: `${threshold}`, quantile: `${QUANTILE}`, step: `${step}` };
  await writeFileWhole(path, encodeSafetensors(arrays, { format: FORMAT, ...facts }));
  return path;
}

/** With the optimiser steps of the network whose features these are. */
export interface KeptFamiliar extends Familiar {
  step: number;
}

/**
 * What {@link writeFamiliar} wrote; null for a run without it.
 *
 * @throws AfterimageError `train/run-folder` for a file that is damaged or of another network.
 */
export async function readFamiliar(folder: string, cols: number): Promise<KeptFamiliar | null> {
  const { familiar: path } = runPaths(folder);
  try {
    const { arrays, metadata } = decodeSafetensors(await readFile(path));
    const { shape = [], data } = arrays.get("features") ?? {};
    const threshold = Number(metadata.threshold);
    const [rows = 0, found] = shape;
    if (!(data instanceof Float32Array) || found !== cols || rows < 1 || !Number.isFinite(threshold))
      throw new Error(`no features of ${cols} columns with a threshold`);
    return { features: { rows, cols, data }, threshold, step: Number(metadata.step) };
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return null;
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new AfterimageError(
      "train/run-folder",
      {
        what: "the features of the training pictures cannot be read",
        where: path,
        got,
        todo: "Remove the file: predictions then do not say which pictures are unlike those that trained.",
      },
      { cause },
    );
  }
}
