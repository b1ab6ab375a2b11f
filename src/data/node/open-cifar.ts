import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AfterimageError } from "../../errors.ts";
import {
  CIFAR_SIDE,
  type CifarKind,
  type CifarPictures,
  cifarKindOf,
  decodeCifar,
} from "../../formats/cifar.ts";
import type { PictureDataset } from "../picture-dataset.ts";
import { stackDataset } from "../stack-dataset.ts";
import type { OpenOptions } from "./open-options.ts";
import { inFile, readBytes } from "./read-bytes.ts";

/** The files with class names, next to the records. */
const NAME_FILES = { cifar10: "batches.meta.txt", cifar100: "fine_label_names.txt" } as const;
const CLASS_COUNTS = { cifar10: 10, cifar100: 100 } as const;

/**
 * Opens CIFAR-10 or CIFAR-100 binary files, one after another, as one data set. Labels are the classes; for
 * CIFAR-100, the fine ones.
 *
 * @throws AfterimageError `data/format` when a file does not consist of whole records of the kind that its
 * name or length says.
 */
export async function openCifar(paths: readonly string[], options: OpenOptions): Promise<PictureDataset> {
  const parts: CifarPictures[] = [];
  const names: string[] = [];
  let kind: CifarKind | null = null;
  for (const path of paths) {
    const bytes = await readBytes(path);
    const ofThis: CifarKind = kind ?? kindOf(path, bytes.length);
    const part = inFile(path, () => decodeCifar(bytes, ofThis));
    kind = ofThis;
    parts.push(part);
    for (let i = 0; i < part.labels.length; i++) names.push(`${basename(path)}#${i}`);
  }
  const labelled = options.labels !== false && kind !== null;
  return stackDataset(
    {
      count: names.length,
      channels: 3,
      height: CIFAR_SIDE,
      width: CIFAR_SIDE,
      pixels: concatenate(parts, "pixels"),
    },
    {
      canvas: options.canvas,
      names,
      labels: labelled ? Int32Array.from(concatenate(parts, "labels")) : null,
      classNames: labelled ? await classNamesOf(dirname(paths[0]!), kind!) : null,
    },
  );
}

/** The name decides the kind if it can, otherwise the length. */
function kindOf(path: string, byteLength: number): CifarKind {
  if (/^(?:data|test)_batch/.test(basename(path))) return "cifar10";
  if (/^(?:train|test)\.bin$/.test(basename(path))) return "cifar100";
  const kind = cifarKindOf(byteLength);
  if (kind !== null) return kind;
  throw new AfterimageError("data/format", {
    what: "this is not a CIFAR binary file",
    where: path,
    expected: "records of 3073 bytes (CIFAR-10) or 3074 (CIFAR-100)",
    got: `${byteLength} bytes`,
  });
}

function concatenate(parts: readonly CifarPictures[], field: "pixels" | "labels"): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part[field].length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part[field], at);
    at += part[field].length;
  }
  return whole;
}

/**
 * The names in the file next to the records, one a line; numbers if that file does not exist or lacks some.
 */
async function classNamesOf(folder: string, kind: CifarKind): Promise<string[]> {
  const text = await readFile(join(folder, NAME_FILES[kind]), "utf8").catch(() => "");
  const names = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  return names.length === CLASS_COUNTS[kind]
    ? names
    : Array.from({ length: CLASS_COUNTS[kind] }, (_, i) => `${i}`);
}
