/**
 * A run writes files of fixed names into its folder. Files of other programs with these names are not
 * overwritten.
 */
import { closeSync, lstatSync, openSync, readFileSync, readSync } from "node:fs";
import sharp from "sharp";
import { AfterimageError } from "../../errors.ts";
import { encoderOf } from "../../methods/encoder-of.ts";
import { decodeModel, PRODUCER } from "../../onnx/model.ts";
import { optionName } from "../../options/option-name.ts";
import { beginsLike, runPaths } from "../../train/node/run-folder.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { FAMILIAR_FORMAT } from "../results/familiar-file.ts";
import { RESULT_START } from "../results/result-file.ts";
import { encoderFacts } from "../write-encoder.ts";

/** The number of bytes that are read to recognise a file by its beginning. */
const HEAD = 128;

/** The beginning of each file that a run writes as text. */
const BEGINNINGS = {
  metrics: '{"type":"epoch"',
  skipped: '{"path":',
  pictures: '{"fingerprint":',
  result: RESULT_START,
} as const;

/** The pictures that a run draws. */
const DRAWN = ["reconstructions", "confusion", "mistakes"] as const;

/**
 * For a folder without a configuration. A run writes its configuration first, so files with a run's names are
 * not from a run.
 *
 * @param cutShort whether there is a configuration that was cut short by a crash of the machine. Then text
 * files may be from a run.
 * @throws AfterimageError `train/run-folder` for the first file that would be overwritten.
 */
export function requireFree(folder: string, { cutShort }: { cutShort: boolean }): void {
  const paths = runPaths(folder);
  for (const name of ["encoder", "familiar", ...DRAWN] as const)
    if (isThere(paths[name])) throw notOurs(folder, paths[name]);
  requireTexts(folder, (name) => cutShort && isText(paths[name], BEGINNINGS[name]));
}

/**
 * For the folder of a run, which is resumed or replaced.
 *
 * @throws AfterimageError `train/run-folder` for the first file that this run did not write.
 */
export async function requireOwn(folder: string, config: RunConfig): Promise<void> {
  const paths = runPaths(folder);
  const { encoder, familiar } = paths;
  requireTexts(folder, (name) => isText(paths[name], BEGINNINGS[name]));
  if (isThere(encoder) && !isEncoderOf(encoder, config)) throw notOurs(folder, encoder);
  if (isThere(familiar) && !headOf(familiar).includes(FAMILIAR_FORMAT)) throw notOurs(folder, familiar);
  for (const name of DRAWN)
    if (isThere(paths[name]) && !(await isOurPicture(paths[name]))) throw notOurs(folder, paths[name]);
}

function requireTexts(folder: string, isOurs: (name: keyof typeof BEGINNINGS) => boolean): void {
  const paths = runPaths(folder);
  for (const name of Object.keys(BEGINNINGS) as (keyof typeof BEGINNINGS)[])
    if (isThere(paths[name]) && !isOurs(name)) throw notOurs(folder, paths[name]);
}

function isText(path: string, beginning: string): boolean {
  return beginsLike(headOf(path).toString("latin1"), beginning);
}

/** Whether the model says that it was made by a run of this method, seed and network. */
function isEncoderOf(path: string, config: RunConfig): boolean {
  if (!headOf(path).includes(PRODUCER)) return false;
  try {
    const { metadata } = decodeModel(readFileSync(path));
    // The number of pictures may grow, and earlier files do not contain the background.
    const { pictures: _, background: __, ...facts } = encoderFacts(config, encoderOf(config));
    return Object.entries(facts).every(([name, value]) => metadata[name] === value);
  } catch {
    return false; // no model at all
  }
}

async function isOurPicture(path: string): Promise<boolean> {
  const { exif } = await sharp(path)
    .metadata()
    .catch(() => ({ exif: undefined }));
  return exif?.includes(PRODUCER) ?? false;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The first bytes of a file; none if it cannot be read as a file, such as a folder. */
function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD);
  try {
    const file = openSync(path, "r");
    try {
      return head.subarray(0, readSync(file, head, 0, HEAD, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return Buffer.from("(not readable)");
  }
}

function notOurs(folder: string, path: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "a file that this run did not write would be overwritten",
    where: path,
    todo: `Move it out of ${folder}, or choose another folder with ${optionName("out")}.`,
  });
}
