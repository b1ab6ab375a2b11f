/**
 * However a disk damages a cache, finished or half built, it is read, built again, or refused with a
 * sentence.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anyBytes, damaged, valueOrOurs } from "../../../test/support/damaged.ts";
import { buildCache } from "./cache-build.ts";
import { decodeCacheIndex, encodeCacheIndex } from "./cache-index.ts";
import { type CachePlan, finishedFolder, planCache } from "./cache-plan.ts";
import { type OpenCache, openFinished } from "./cache-reader.ts";
import { CacheWriter } from "./cache-writer.ts";
import { listFolder } from "./list-folder.ts";
import type { Listing } from "./listing.ts";

const CANVAS = 12;
const COUNT = 5;
const CANVAS_BYTES = 3 * CANVAS * CANVAS;
const HELD = 1e9;

let base: string;
let listing: Listing;
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "afterimage-damaged-"));
  mkdirSync(join(base, "pictures"));
  for (let i = 0; i < COUNT; i++) {
    const background = { r: 40 * i, g: 10, b: 200 };
    const image = sharp({ create: { width: 4 + i, height: 9, channels: 3, background } });
    writeFileSync(join(base, `pictures/${i}.png`), await image.png().toBuffer());
  }
  listing = await listFolder(join(base, "pictures"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const planOf = (budget: number, root: string) => planCache(listing, CANVAS, budget, join(base, root));
const pathsIn = (folder: string) => ({
  index: join(folder, "index.safetensors"),
  records: join(folder, "records.bin"),
});

async function build(plan: CachePlan): Promise<Record<"index" | "records", Uint8Array>> {
  await buildCache(plan, listing);
  const { index, records } = pathsIn(finishedFolder(plan));
  return { index: readFileSync(index), records: readFileSync(records) };
}

/** All pictures, one by one; those that cannot be read are null. */
async function readAll({ index, access }: OpenCache): Promise<(Uint8Array | null)[]> {
  const pictures: (Uint8Array | null)[] = [];
  for (const picture of index.entries.keys()) {
    const out = new Uint8Array(CANVAS_BYTES);
    pictures.push((await valueOrOurs(() => access.read([picture], out))) === null ? null : out);
  }
  await access.close?.();
  return pictures;
}

describe.each([
  ["raw", HELD],
  ["encoded", 0],
] as const)("a finished cache of %s records", (mode, budget) => {
  let plan: CachePlan;
  let files: Record<"index" | "records", Uint8Array>;
  beforeAll(async () => {
    plan = planOf(budget, `finished-${mode}`);
    files = await build(plan);
  });

  /** Puts the files in place and reads what can be read, from memory and from the disk. */
  async function look(index: Uint8Array, records: Uint8Array): Promise<void> {
    for (const held of [HELD, 0]) {
      const paths = pathsIn(finishedFolder(plan));
      mkdirSync(finishedFolder(plan), { recursive: true });
      writeFileSync(paths.index, index);
      writeFileSync(paths.records, records);
      const cache = await valueOrOurs(() => openFinished(plan, held));
      if (cache !== null) await readAll(cache);
    }
  }

  test("with any index is opened, passed over or refused", async () => {
    const property = fc.asyncProperty(anyBytes(damaged(files.index)), (index) => look(index, files.records));
    await fc.assert(property, { numRuns: 200 });
  });

  test("with any records is opened, passed over or refused", async () => {
    const property = fc.asyncProperty(anyBytes(damaged(files.records)), (records) =>
      look(files.index, records),
    );
    await fc.assert(property, { numRuns: 200 });
  });

  test("with records of the right length and any contents is read or refused, many pictures at once too", async () => {
    const edits = fc.array(fc.tuple(fc.nat(files.records.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 40,
    });
    const property = fc.asyncProperty(edits, async (changes) => {
      const records = files.records.slice();
      for (const [at, byte] of changes) records[at] = byte;
      await look(files.index, records);
      writeFileSync(pathsIn(finishedFolder(plan)).records, records);
      const { access } = (await openFinished(plan, 0))!;
      await valueOrOurs(() => access.read([0, 1, 2, 3, 4], new Uint8Array(COUNT * CANVAS_BYTES)));
      await access.close?.();
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

test("a record that claims a size of its own is not decoded to that size", async () => {
  const plan = planOf(0, "claims");
  const { records, index } = await build(plan);
  const frame = Buffer.from(records).indexOf(Buffer.of(0xff, 0xc0)); // SOF0: length, precision, height, width
  new DataView(records.buffer, records.byteOffset).setUint32(frame + 5, 0x3fff3fff);
  writeFileSync(pathsIn(finishedFolder(plan)).records, records);
  expect(decodeCacheIndex(index).mode).toBe("encoded");
  const { access } = (await openFinished(plan))!;
  await expect(access.read([0], new Uint8Array(CANVAS_BYTES))).rejects.toMatchObject({
    code: "data/cache",
    message: expect.stringContaining("pixel limit"),
  });
});

test("records cut short under an open cache fail as one error, with nothing left behind", async () => {
  const plan = planOf(0, "short");
  const { records } = await build(plan);
  const { access } = (await openFinished(plan, 0))!;
  // The first record cannot be decoded, the last cannot be read.
  const broken = records.slice(0, records.length - 20).fill(0, 30, 300);
  writeFileSync(pathsIn(finishedFolder(plan)).records, broken);
  const reading = access.read([0, 1, 2, 3, 4], new Uint8Array(COUNT * CANVAS_BYTES));
  await expect(reading).rejects.toMatchObject({ code: "data/cache" });
  await access.close?.();
});

describe.each([
  ["raw", HELD],
  ["encoded", 0],
] as const)("a half-built cache of %s records", (mode, budget) => {
  test("with any journal and records goes on, and is whole in the end", async () => {
    const plan = planOf(budget, `half-${mode}`);
    const whole = await build(plan);
    const half = await halfBuilt(plan);
    const [journal, records] = [half.journal, half.records].map((file) =>
      fc.oneof(fc.constant(file), anyBytes(damaged(file))),
    );
    const property = fc.asyncProperty(journal!, records!, async (lines, bytes) => {
      const folder = mkdtempSync(join(base, "partial-"));
      writeFileSync(join(folder, "journal.jsonl"), lines);
      writeFileSync(join(folder, "records.bin"), bytes);
      const writer = await CacheWriter.open(folder, plan);
      expect(writer.lines.length).toBeLessThanOrEqual(COUNT);
      await writer.close();
      // The kept records match their hashes, and the whole matches its own.
      const kept = readFileSync(join(folder, "records.bin"));
      expect(kept.equals(whole.records.subarray(0, kept.length))).toBe(true);
      rmSync(folder, { recursive: true });
    });
    await fc.assert(property, { numRuns: 200 });
  });

  async function halfBuilt(plan: CachePlan): Promise<Record<"journal" | "records", Uint8Array>> {
    const folder = mkdtempSync(join(base, "half-"));
    const { index } = pathsIn(finishedFolder(plan));
    const { heights, widths, lengths, traits } = decodeCacheIndex(readFileSync(index));
    const records = readFileSync(pathsIn(finishedFolder(plan)).records);
    const writer = await CacheWriter.open(folder, { ...plan, mode: "encoded" }); // takes records as they are
    let start = 0;
    for (const [i, length] of lengths.entries()) {
      const data = records.subarray(start, start + length);
      const size = { height: heights[i]!, width: widths[i]! };
      await writer.add({ ...size, data, hash: "0".repeat(32), traits: traits[i]! });
      start += length;
    }
    await writer.flush();
    await writer.close();
    return {
      journal: readFileSync(join(folder, "journal.jsonl")),
      records: readFileSync(join(folder, "records.bin")),
    };
  }
});

test("an index that claims more than its records are is passed over, and nothing is allocated for it", async () => {
  const plan = planOf(0, "vast");
  const { index } = await build(plan);
  const vast = { ...decodeCacheIndex(index), lengths: new Int32Array(COUNT).fill(2 ** 31 - 1) };
  writeFileSync(pathsIn(finishedFolder(plan)).index, encodeCacheIndex(vast));
  expect(await openFinished(plan, Number.MAX_SAFE_INTEGER)).toBeNull();
});
