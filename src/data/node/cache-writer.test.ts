import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CachePlan } from "./cache-plan.ts";
import { CacheWriter } from "./cache-writer.ts";

const RAW: CachePlan = {
  canvas: 4,
  mode: "raw",
  background: "auto",
  count: 9,
  root: "",
  family: "f-",
  name: "f-n",
};
const BYTES = 48;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-writer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const records = () => join(folder, "records.bin");
const journal = () => join(folder, "journal.jsonl");
/** A 2×2 picture whose every byte is `value`. */
const HASH = "0".repeat(32);
const traits = { span: 0, backdrop: null, cropped: false, scaling: null };
const flat = (value: number) => ({
  ...{ height: 2, width: 2, data: new Uint8Array(12).fill(value) },
  ...{ hash: HASH, traits },
});

/** Writes pictures 1 … count, every third one skipped, and closes without finishing. */
async function write(count: number, plan = RAW): Promise<void> {
  const writer = await CacheWriter.open(folder, plan);
  for (let i = writer.lines.length + 1; i <= count; i++) {
    await writer.add(i % 3 === 0 ? { skip: `number ${i}` } : flat(i));
  }
  await writer.flush();
  await writer.close();
}

async function resumed(plan = RAW): Promise<number> {
  const writer = await CacheWriter.open(folder, plan);
  await writer.close();
  return writer.lines.length;
}

describe("CacheWriter", () => {
  test("goes on from no more lines than the listing has pictures", async () => {
    await write(8);
    expect(await resumed({ ...RAW, count: 3 })).toBe(3);
    expect(readFileSync(records())).toHaveLength(2 * BYTES);
  });

  test("writes one record after another, and a line for each picture", async () => {
    await write(4);
    const bytes = readFileSync(records());
    expect(bytes).toHaveLength(3 * BYTES);
    expect([bytes[0], bytes[2], bytes[BYTES], bytes[2 * BYTES]]).toEqual([1, 0, 2, 4]);
    expect(readFileSync(journal(), "utf8").trim().split("\n")).toHaveLength(4);
  });

  test("writes by itself when enough has gathered", async () => {
    const writer = await CacheWriter.open(folder, RAW);
    const wrote: number[] = [];
    for (let i = 0; i < 600; i++) if (await writer.add(flat(1))) wrote.push(i);
    expect(wrote).toEqual([255, 511]);
    expect(readFileSync(records())).toHaveLength(512 * BYTES);
    await writer.close();
  });

  test("writes records that are larger than its buffer", async () => {
    const plan: CachePlan = { ...RAW, mode: "encoded" };
    const writer = await CacheWriter.open(folder, plan);
    const sizes = [10, 5 * 2 ** 20, 3, 4 * 2 ** 20, 7];
    for (const [i, size] of sizes.entries())
      await writer.add({ height: 1, width: 1, data: new Uint8Array(size).fill(i), hash: HASH, traits });
    await writer.finish();
    await writer.close();
    const bytes = readFileSync(records());
    let at = 0;
    for (const [i, size] of sizes.entries()) {
      expect(bytes.subarray(at, at + size).every((byte) => byte === i)).toBe(true);
      at += size;
    }
    expect(bytes).toHaveLength(at);
    expect(await resumed(plan)).toBe(5);
  });

  test("goes on after what is there, as if it had not stopped", async () => {
    await write(10);
    const unbroken = [readFileSync(records()), readFileSync(journal())];
    rmSync(records());
    rmSync(journal());
    await write(5);
    await write(10);
    expect([readFileSync(records()), readFileSync(journal())]).toEqual(unbroken);
  });

  test("cut at any byte of its journal goes on with the lines that are whole, and ends the same", async () => {
    await write(7);
    const [whole, lines] = [readFileSync(records()), readFileSync(journal())];
    for (let cut = 0; cut < lines.length; cut += 11) {
      writeFileSync(records(), whole);
      writeFileSync(journal(), lines.subarray(0, cut));
      await write(7);
      expect(readFileSync(records())).toEqual(whole);
      expect(readFileSync(journal())).toEqual(lines);
    }
  });

  test("cut in its records goes on before the picture that is missing", async () => {
    await write(7); // records of 1 2 4 5 7
    truncateSync(records(), 3 * BYTES + 5);
    expect(await resumed()).toBe(4);
    expect(readFileSync(records())).toHaveLength(3 * BYTES);
    expect(readFileSync(journal(), "utf8").trim().split("\n")).toHaveLength(4);
  });

  test("with a record that is not what the journal says goes on before it", async () => {
    await write(7);
    const bytes = readFileSync(records());
    bytes[BYTES + 20]! ^= 1;
    writeFileSync(records(), bytes);
    expect(await resumed()).toBe(1);
  });

  test("with a journal of another form begins anew", async () => {
    await write(7);
    writeFileSync(journal(), '{"height":1,"width":1,"bytes":9999999999,"crc":1}\n');
    expect(await resumed({ ...RAW, mode: "encoded" })).toBe(0);
    expect(readFileSync(records())).toHaveLength(0);
  });
});
