import { existsSync, readFileSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { AfterimageError } from "../../errors.ts";
import { layOnCanvas } from "../canvas.ts";
import { copyCanvases } from "../memory-dataset.ts";
import { canvasBytes, type DatasetAccess } from "../picture-dataset.ts";
import { type CacheIndex, decodeCacheIndex } from "./cache-index.ts";
import { INDEX_FILE, RECORDS_FILE, removeFolder } from "./cache-partial.ts";
import { type CachePlan, finishedFolder } from "./cache-plan.ts";
import { errorCode, fsReason } from "./fs-error.ts";

/**
 * Records up to this many bytes in total are held in memory. Larger ones are read from the file, which the
 * system caches.
 */
const HELD_BYTES = 256 * 2 ** 20;

/** A finished cache, open for reading. */
export interface OpenCache {
  index: CacheIndex;
  access: DatasetAccess;
}

/**
 * Opens a finished cache. A damaged one is removed, so that it is built again.
 *
 * @param heldBytes records of at most this many bytes in total are held in memory.
 * @returns `null` if there is none.
 * @throws AfterimageError `data/cache` when it exists but cannot be read.
 */
export async function openFinished(plan: CachePlan, heldBytes = HELD_BYTES): Promise<OpenCache | null> {
  const folder = finishedFolder(plan);
  // This is asked first: a cache that appears from now on is whole, and not ours to remove.
  if (!existsSync(folder)) return null;
  let file: FileHandle | null = null;
  try {
    const index = decodeCacheIndex(readFileSync(join(folder, INDEX_FILE)));
    file = await open(join(folder, RECORDS_FILE), "r");
    if (fits(index, plan) && (await file.stat()).size === sum(index.lengths)) {
      return { index, access: await accessTo(index, file, heldBytes) };
    }
  } catch (cause) {
    const damaged = errorCode(cause) === "ENOENT" || cause instanceof AfterimageError;
    if (!damaged) throw unreadable(folder, fsReason(cause), cause);
  }
  await file?.close();
  removeFolder(folder);
  return null;
}

function fits(index: CacheIndex, plan: CachePlan): boolean {
  const last = index.entries.at(-1) ?? plan.count; // an index of nothing fits no plan
  const isOfPlan = index.canvas === plan.canvas && index.mode === plan.mode;
  return isOfPlan && last < plan.count && index.hashes.length === plan.count;
}

async function accessTo(index: CacheIndex, file: FileHandle, heldBytes: number): Promise<DatasetAccess> {
  const bytes = sum(index.lengths);
  if (bytes > heldBytes) {
    return index.mode === "raw" ? rawInFile(index, file) : encoded(index, fromFile(file), file);
  }
  const held = Buffer.allocUnsafe(bytes);
  await readFully(file, held, 0);
  await file.close();
  if (index.mode === "encoded")
    return encoded(index, (start, length) => held.subarray(start, start + length));
  return { read: (indices, out) => copyCanvases(held, canvasBytes(index.canvas), indices, out) };
}

/** Canvases that are read directly into the batch, all requested at once. */
function rawInFile({ canvas }: CacheIndex, file: FileHandle): DatasetAccess {
  const bytes = canvasBytes(canvas);
  return {
    async read(indices, out) {
      const reads = Array.from(indices, (index, i) =>
        readFully(file, out.subarray(i * bytes, (i + 1) * bytes), index * bytes),
      );
      await allDone(reads);
    },
    close: () => file.close(),
  };
}

/**
 * Encoded pictures. Their bytes are read in this thread, and each is passed to sharp before the call returns,
 * so that sharp's threads decode while this one computes.
 */
function encoded(
  index: CacheIndex,
  bytesAt: (start: number, length: number) => Uint8Array,
  file?: FileHandle,
): DatasetAccess {
  const starts = startsOf(index.lengths);
  const size = canvasBytes(index.canvas);
  return {
    async read(indices, out) {
      out.fill(0);
      // Async, so that an unreadable record fails like an undecodable one: after all others have ended.
      const decodings = Array.from(indices, async (picture, i) => {
        const bytes = bytesAt(starts[picture]!, index.lengths[picture]!);
        await decodeOnto(bytes, index, picture, out.subarray(i * size, (i + 1) * size));
      });
      await allDone(decodings);
    },
    ...(file && { close: () => file.close() }),
  };
}

async function decodeOnto(
  bytes: Uint8Array,
  index: CacheIndex,
  picture: number,
  out: Uint8Array,
): Promise<void> {
  const [height, width] = [index.heights[picture]!, index.widths[picture]!];
  // A damaged record may claim any size. Nothing larger than what was written is decoded.
  const image = sharp(bytes, { limitInputPixels: height * width });
  const decoded = await image.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  const { info, data } = decoded;
  if (info.height !== height || info.width !== width || info.channels !== 3) {
    throw unreadable(
      index.names[picture]!,
      `${info.width}×${info.height} pixels instead of ${width}×${height}`,
    );
  }
  layOnCanvas(data, height, width, index.canvas, out);
}

function fromFile(file: FileHandle): (start: number, length: number) => Uint8Array {
  return (start, length) => {
    const bytes = Buffer.allocUnsafe(length);
    const got = readSync(file.fd, bytes, 0, length, start);
    if (got < length) throw unreadable(RECORDS_FILE, `only ${got} of ${length} bytes`);
    return bytes;
  };
}

async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw unreadable(RECORDS_FILE, `only ${done} of ${into.length} bytes`);
    done += bytesRead;
  }
}

/**
 * Waits for all work, then throws the first failure. So nothing writes into the batch after a failure is
 * reported.
 */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return;
  const { reason } = failed;
  throw reason instanceof AfterimageError ? reason : unreadable("a record", fsReason(reason), reason);
}

function startsOf(lengths: Int32Array): Float64Array {
  const starts = new Float64Array(lengths.length);
  for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!;
  return starts;
}

function sum(lengths: Int32Array): number {
  return lengths.reduce((total, length) => total + length, 0);
}

function unreadable(where: string, got: string, cause?: unknown): AfterimageError {
  return new AfterimageError(
    "data/cache",
    {
      what: "the picture cache cannot be read",
      where,
      got,
      todo: "Remove the cache folder and run the same command again: it builds a new cache.",
    },
    { cause },
  );
}
