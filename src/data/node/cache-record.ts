import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { AfterimageError } from "../../errors.ts";
import { layOnCanvas } from "../canvas.ts";
import { canvasBytes, type SkippedPicture } from "../picture-dataset.ts";
import { findInPictures } from "../picture-findings.ts";
import { forFs } from "./byte-path.ts";
import type { CacheIndex } from "./cache-index.ts";
import type { JournalLine } from "./cache-journal.ts";
import type { CachePlan } from "./cache-plan.ts";
import { decodePicture, type PictureTraits, reencodePicture } from "./decode-picture.ts";
import { fsReason } from "./fs-error.ts";
import type { ListedPicture, Listing } from "./listing.ts";

/** Larger files are not read: no picture within the pixel limit needs them. */
const MAX_FILE_BYTES = 2 ** 30;
/** The hash of a file that is too large to be read. */
const NO_HASH = "0".repeat(32);

/** The outcome of one picture, whose file could be read or not. */
export type PictureOutcome = MadePicture | { skip: string; hash?: string };

export interface MadePicture {
  height: number;
  width: number;
  /** Pixels, or an encoded picture, depending on the cache's mode; or a whole record. */
  data: Uint8Array;
  /** The {@link hashOf} its file. */
  hash: string;
  traits: PictureTraits;
  /** `data` is a record of another cache and is used unchanged. */
  isRecord?: true;
}

/**
 * Reads and decodes one picture. A file that cannot be used is an outcome, not an error. If its bytes are no
 * picture, which will not change, the outcome has their hash. If the file system refused them, which may
 * pass, it has none.
 */
export async function makePicture({ path, size }: ListedPicture, plan: CachePlan): Promise<PictureOutcome> {
  if (size > MAX_FILE_BYTES) return { skip: "the file is larger than 1 GiB", hash: NO_HASH };
  const bytes = await readFile(forFs(path)).catch((error: unknown) => ({ skip: fsReason(error) }));
  return "skip" in bytes ? bytes : decodeBytes(bytes, plan);
}

async function decodeBytes(
  bytes: Uint8Array,
  { mode, canvas, background }: CachePlan,
): Promise<PictureOutcome> {
  const hash = hashOf(bytes);
  try {
    const decode = mode === "raw" ? decodePicture : reencodePicture;
    return { ...(await decode(bytes, canvas, background)), hash };
  } catch (error) {
    return { skip: error instanceof AfterimageError ? error.evidence.what : fsReason(error), hash };
  }
}

/** The {@link hashOf} the file's present contents; null if it cannot be read. */
export async function hashFile({ path, size }: ListedPicture): Promise<string | null> {
  if (size > MAX_FILE_BYTES) return NO_HASH;
  const bytes = await readFile(forFs(path)).catch(() => null);
  return bytes && hashOf(bytes);
}

/** The hash of a file's contents: 32 hexadecimal digits. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, NO_HASH.length);
}

/** The length of a picture's record in bytes. */
export function recordLength({ data }: Pick<MadePicture, "data">, { mode, canvas }: CachePlan): number {
  return mode === "raw" ? canvasBytes(canvas) : data.length;
}

/** Writes a picture's record into `record`, all of it. */
export function fillRecord(picture: MadePicture, { mode, canvas }: CachePlan, record: Uint8Array): void {
  if (mode === "encoded" || picture.isRecord) {
    record.set(picture.data);
    return;
  }
  record.fill(0);
  layOnCanvas(picture.data, picture.height, picture.width, canvas, record);
}

/** The journal line of a picture whose record is complete. */
export function lineOf({ height, width, hash, traits }: MadePicture, record: Uint8Array): JournalLine {
  return {
    height,
    width,
    bytes: record.length,
    crc: crc32(record),
    hash,
    recordHash: createHash("sha256").update(record).digest("hex").slice(0, 20),
    span: traits.span,
    ...(traits.backdrop !== null && { backdrop: traits.backdrop }),
    ...(traits.cropped && { cropped: true as const }),
    ...(traits.scaling !== null && { scaling: traits.scaling }),
  };
}

/**
 * The index of a cache whose journal is complete. It does not contain the files that the listing skipped,
 * because those may change without the cache.
 */
export function indexOfLines(lines: readonly JournalLine[], plan: CachePlan, listing: Listing): CacheIndex {
  const skipped: SkippedPicture[] = [];
  const kept: { entry: number; line: RecordLine }[] = [];
  for (const [entry, { name }] of listing.pictures.entries()) {
    const line = lines[entry]!;
    if ("skip" in line) skipped.push({ path: name, reason: line.skip });
    else kept.push({ entry, line });
  }
  const names = kept.map(({ entry }) => listing.pictures[entry]!.name);
  const column = (field: "height" | "width" | "bytes") => Int32Array.from(kept, ({ line }) => line[field]);
  const content = kept.map(({ line }, i) => [names[i], line.height, line.width, line.crc]);
  return {
    canvas: plan.canvas,
    mode: plan.mode,
    entries: Int32Array.from(kept, ({ entry }) => entry),
    names,
    heights: column("height"),
    widths: column("width"),
    lengths: column("bytes"),
    fingerprint: fingerprintOf(plan, content),
    skipped,
    findings: findInPictures(
      kept.map(({ line }, i) => ({ ...line, hash: contentOf(line), name: names[i]! })),
    ),
    traits: kept.map(({ line }) => traitsOf(line)),
    hashes: lines.map(({ hash }) => hash ?? null),
    stamps: listing.pictures.map(({ stamp }) => stamp),
  };
}

type RecordLine = Exclude<JournalLine, { skip: string }>;

/** A text that is equal for equal pixels. */
function contentOf({ height, width, recordHash }: RecordLine): string {
  return `${height} ${width} ${recordHash}`;
}

function traitsOf({ span, backdrop, cropped, scaling }: RecordLine): PictureTraits {
  return { span, backdrop: backdrop ?? null, cropped: cropped === true, scaling: scaling ?? null };
}

/**
 * Depends on names, sizes and contents (their CRC) in order. It does not depend on places or times, so a
 * copied folder has the same fingerprint.
 */
function fingerprintOf({ canvas, mode }: CachePlan, content: readonly unknown[]): string {
  const hash = createHash("sha256").update(JSON.stringify([canvas, mode]));
  for (const picture of content) hash.update(JSON.stringify(picture));
  return hash.digest("hex").slice(0, 32);
}
