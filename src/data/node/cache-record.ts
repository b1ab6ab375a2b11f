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
import {
  decodePicture,
  type InterleavedPicture,
  type PictureTraits,
  reencodePicture,
} from "./decode-picture.ts";
import { fsReason } from "./fs-error.ts";
import type { ListedPicture, Listing } from "./listing.ts";

/** A larger file is not read: no picture within the pixel limit needs it. */
const MAX_FILE_BYTES = 2 ** 30;

/** What became of one picture: decoded or encoded as the cache's mode has it, or why it is left out. */
export type PictureOutcome = MadePicture | { skip: string };

interface MadePicture extends InterleavedPicture {
  traits?: PictureTraits;
}

/** Reads and decodes one picture. A file that cannot be used is an outcome, not an error. */
export async function makePicture(
  { path, size }: ListedPicture,
  { mode, canvas, background }: CachePlan,
): Promise<PictureOutcome> {
  if (size > MAX_FILE_BYTES) return { skip: "a file of more than 1 GiB" };
  try {
    const bytes = await readFile(forFs(path));
    return await (mode === "raw"
      ? decodePicture(bytes, canvas, background)
      : reencodePicture(bytes, canvas, background));
  } catch (error) {
    return { skip: error instanceof AfterimageError ? error.evidence.what : fsReason(error) };
  }
}

/** The length of a picture's record in bytes. */
export function recordLength({ data }: { data: Uint8Array }, { mode, canvas }: CachePlan): number {
  return mode === "raw" ? canvasBytes(canvas) : data.length;
}

/** Writes a picture's record into `record`, all of it. */
export function fillRecord(
  picture: InterleavedPicture,
  { mode, canvas }: CachePlan,
  record: Uint8Array,
): void {
  if (mode === "encoded") {
    record.set(picture.data);
    return;
  }
  record.fill(0);
  layOnCanvas(picture.data, picture.height, picture.width, canvas, record);
}

/** The line of a picture whose record is whole. */
export function lineOf({ height, width, traits }: MadePicture, record: Uint8Array): JournalLine {
  const hash = createHash("sha256").update(record).digest("hex").slice(0, 20);
  return {
    height,
    width,
    bytes: record.length,
    crc: crc32(record),
    hash,
    ...(traits !== undefined && {
      span: traits.span,
      ...(traits.backdrop !== null && { backdrop: traits.backdrop }),
      ...(traits.cropped && { cropped: true as const }),
      ...(traits.scaling !== null && { scaling: traits.scaling }),
    }),
  };
}

/** The index of a cache whose journal is complete. What the listing skipped is not in it: that can change by itself. */
export function indexOfLines(lines: readonly JournalLine[], plan: CachePlan, listing: Listing): CacheIndex {
  const skipped: SkippedPicture[] = [];
  const kept: { entry: number; line: Exclude<JournalLine, { skip: string }> }[] = [];
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
    findings: findInPictures(kept.map(({ line }, i) => ({ ...line, ...withHash(line), name: names[i]! }))),
  };
}

/** What findings need of a line; one without it has pixels like no other. */
function withHash({ height, width, hash = "", span = 255 }: Exclude<JournalLine, { skip: string }>) {
  return { hash: `${height} ${width} ${hash}`, span };
}

/** Follows names, sizes and contents (their CRC) in their order; not places or times, so a copied folder has the same. */
function fingerprintOf({ canvas, mode }: CachePlan, content: readonly unknown[]): string {
  const hash = createHash("sha256").update(JSON.stringify([canvas, mode]));
  for (const picture of content) hash.update(JSON.stringify(picture));
  return hash.digest("hex").slice(0, 32);
}
