import { AfterimageError } from "../errors.ts";

/**
 * The binary versions of CIFAR-10 and CIFAR-100: records of one label byte (CIFAR-100: a coarse and a fine
 * one) and a picture of 32×32 in planes of red, green and blue, row by row.
 *
 * Source: A. Krizhevsky, "The CIFAR-10 dataset" / "The CIFAR-100 dataset", "Binary version".
 */
export const CIFAR_SIDE = 32;
const PICTURE_BYTES = 3 * CIFAR_SIDE * CIFAR_SIDE;

export type CifarKind = "cifar10" | "cifar100";

const CLASSES = { cifar10: [10], cifar100: [20, 100] } as const satisfies Record<
  CifarKind,
  readonly number[]
>;

export interface CifarPictures {
  /** Planar [N, 3, 32, 32]. */
  pixels: Uint8Array;
  /** The class of each picture: 0 to 9, or the fine class 0 to 99. */
  labels: Uint8Array;
  /** The coarse class 0 to 19 of CIFAR-100. */
  coarseLabels: Uint8Array | null;
}

/**
 * The kind of a file, by its length; `null` if it fits neither. A length that fits both (a multiple of both
 * record lengths, from 9,446,402 bytes on) counts as CIFAR-10.
 */
export function cifarKindOf(byteLength: number): CifarKind | null {
  if (byteLength === 0) return null;
  const kinds: readonly CifarKind[] = ["cifar10", "cifar100"];
  return kinds.find((kind) => byteLength % recordBytes(kind) === 0) ?? null;
}

const recordBytes = (kind: CifarKind) => CLASSES[kind].length + PICTURE_BYTES;

/**
 * Reads a file of CIFAR records.
 *
 * @throws AfterimageError `data/format` when the length is not a whole number of records, or a label is not a
 * class.
 */
export function decodeCifar(bytes: Uint8Array, kind: CifarKind): CifarPictures {
  const classes = CLASSES[kind];
  const count = bytes.length / recordBytes(kind);
  if (!Number.isInteger(count) || count === 0) {
    throw notCifar(kind, `records of ${recordBytes(kind)} bytes`, `${bytes.length} bytes`);
  }
  const pixels = new Uint8Array(count * PICTURE_BYTES);
  const labels = classes.map(() => new Uint8Array(count));
  for (let record = 0; record < count; record++) {
    const start = record * recordBytes(kind);
    classes.forEach((classCount, level) => {
      const label = bytes[start + level]!;
      if (label >= classCount)
        throw notCifar(kind, `a label below ${classCount} in record ${record}`, `${label}`);
      labels[level]![record] = label;
    });
    pixels.set(bytes.subarray(start + classes.length, start + recordBytes(kind)), record * PICTURE_BYTES);
  }
  return { pixels, labels: labels.at(-1)!, coarseLabels: kind === "cifar100" ? labels[0]! : null };
}

function notCifar(kind: CifarKind, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "this is not a valid CIFAR binary file",
    where: kind,
    expected,
    got,
  });
}
