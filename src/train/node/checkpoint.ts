/** Checkpoints: all values of a run at a step, as safetensors. */
import { readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { firstNotFinite } from "../../data/first-not-finite.ts";
import { errorCode, fsReason } from "../../data/node/fs-error.ts";
import { AfterimageError } from "../../errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../../formats/safetensors.ts";
import type { Values } from "../values.ts";
import { writeFileWhole } from "./write-file.ts";

export interface Checkpoint {
  path: string;
  /** Optimiser steps done. */
  step: number;
  arrays: Values;
  /** Free text by name, as it was written. */
  metadata: Readonly<Record<string, string>>;
}

/** The conditions that a checkpoint must meet for its run to continue from it. */
export interface ExpectedCheckpoint {
  /**
   * Lengths by path; a checkpoint whose paths or lengths differ belongs to another network. All must be
   * finite.
   */
  lengths: ReadonlyMap<string, number>;
  /** Fingerprint of the pictures, because the meaning of the step number depends on them. */
  pictures: string;
}

const NAME = /^step-(\d{8})\.safetensors$/;
export const isCheckpointName = (name: string): boolean => NAME.test(name);
/** The number of checkpoints kept: the newest, and the one before it in case the newest is damaged. */
const KEPT = 2;
/** The number that exist while the newest is being written. */
export const MOST_CHECKPOINTS = KEPT + 1;

/** The name under which a checkpoint stores the fingerprint of its pictures. */
export const PICTURES = "pictures";

/**
 * Writes the checkpoint after `step` steps into `folder`; of the others only the newest is kept.
 *
 * @param metadata other text to store with it.
 */
export async function writeCheckpoint(
  folder: string,
  step: number,
  values: Values,
  shapes: ReadonlyMap<string, readonly number[]>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  const arrays = new Map(
    [...values].map(([path, data]) => [
      path,
      { dtype: "F32" as const, shape: [...(shapes.get(path) ?? [data.length])], data },
    ]),
  );
  const path = join(folder, `step-${`${step}`.padStart(8, "0")}.safetensors`);
  await writeFileWhole(
    path,
    encodeSafetensors(arrays, { ...metadata, format: "afterimage-checkpoint-1", step: `${step}` }),
  );
  const others = (await checkpointNames(folder)).filter((name) => name !== basename(path));
  for (const name of others.slice(KEPT - 1)) await rm(join(folder, name), { force: true });
  return path;
}

/** Removes all checkpoints but one. */
export async function keepOnly(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await checkpointNames(folder))
    if (name !== basename(path)) await rm(join(folder, name), { force: true });
}

/**
 * The newest readable checkpoint, or null when there is none. A damaged one is skipped and reported.
 *
 * @param expected null to accept any.
 * @throws AfterimageError `train/checkpoint` naming each with its reason when there are checkpoints but none
 * can be used.
 */
export async function readNewestCheckpoint(
  folder: string,
  expected: ExpectedCheckpoint | null,
  onDamaged: (path: string, reason: string) => void = () => {},
): Promise<Checkpoint | null> {
  const names = await checkpointNames(folder);
  const damaged: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    try {
      return await readCheckpoint(path, expected);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      damaged.push(`${name}: ${reason}`);
      onDamaged(path, reason);
    }
  }
  if (names.length === 0) return null;
  throw new AfterimageError("train/checkpoint", {
    what: "none of the checkpoints can be used",
    where: folder,
    got: damaged.join("; "),
    todo: "Put back one of these files from a copy, or start a new run.",
  });
}

/** Reads one checkpoint file; see {@link readNewestCheckpoint} for `expected` and errors. */
export async function readCheckpoint(path: string, expected: ExpectedCheckpoint | null): Promise<Checkpoint> {
  const { arrays, metadata } = await decodeFile(path);
  const values: Values = new Map();
  for (const [name, { data, dtype }] of arrays) {
    if (!(data instanceof Float32Array)) throw notFloat(path, name, dtype);
    values.set(name, data);
  }
  if (expected !== null) {
    requireSamePictures(path, metadata[PICTURES], expected.pictures);
    requireSame(path, values, expected.lengths);
    requireFinite(path, values, expected.lengths.keys());
  }
  const step = stepOf(metadata.step ?? NAME.exec(basename(path))?.[1]);
  if (step === null) {
    throw new AfterimageError("train/checkpoint", {
      what: "this checkpoint does not say its step",
      where: path,
    });
  }
  return { path, step, arrays: values, metadata };
}

async function decodeFile(path: string): Promise<ReturnType<typeof decodeSafetensors>> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const evidence = { what: "this checkpoint cannot be read", where: path, got: fsReason(cause) };
    throw new AfterimageError("train/checkpoint", evidence, { cause });
  });
  return decodeSafetensors(bytes);
}

function stepOf(text: string | undefined): number | null {
  const step = /^\d+$/.test(text ?? "") ? Number(text) : Number.NaN;
  return Number.isSafeInteger(step) ? step : null;
}

function notFloat(path: string, name: string, dtype: string): AfterimageError {
  return new AfterimageError("train/checkpoint", {
    what: "this checkpoint holds something else than weights",
    where: `${path}, ${name}`,
    expected: "F32",
    got: dtype,
  });
}

function requireSamePictures(path: string, got: string | undefined, expected: string): void {
  if (got === undefined || got === expected) return;
  throw new AfterimageError("train/checkpoint", {
    what: "this checkpoint was made with other pictures",
    where: path,
  });
}

function requireSame(path: string, values: Values, expected: ReadonlyMap<string, number>): void {
  for (const [name, length] of expected) {
    const got = values.get(name)?.length;
    if (got === length) continue;
    throw new AfterimageError("train/checkpoint", {
      what: "this checkpoint belongs to another network",
      where: path,
      expected: `${name} with ${length} numbers`,
      got: got === undefined ? "none" : `${got}`,
      todo: "Resume with the configuration that the run was started with.",
    });
  }
}

function requireFinite(path: string, values: Values, names: Iterable<string>): void {
  for (const name of names) {
    const data = values.get(name)!;
    const at = firstNotFinite(data);
    if (at < 0) continue;
    throw new AfterimageError("train/checkpoint", {
      what: "this checkpoint holds numbers that are not finite: its training has diverged",
      where: `${path}, ${name}`,
      got: `${data[at]}`,
      todo: "Use an earlier checkpoint, or train again with a lower learning rate.",
    });
  }
}

/** File names of the checkpoints in a folder, newest first. */
export async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (errorCode(cause) === "ENOENT") return [];
    const evidence = { what: "the checkpoints cannot be listed", where: folder, got: fsReason(cause) };
    throw new AfterimageError("train/checkpoint", evidence, { cause });
  });
  return names.filter(isCheckpointName).sort().reverse();
}
