import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anyBytes, damaged, valueOrOurs } from "../../../test/support/damaged.ts";
import { openPictures } from "./open-pictures.ts";
import { readBytes } from "./read-bytes.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-bytes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const IDX = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);

test("a file is unpacked by its contents, and any bytes are read or refused in a sentence", async () => {
  const path = join(folder, "train-images-idx3-ubyte");
  writeFileSync(path, gzipSync(IDX));
  expect(await readBytes(path)).toEqual(Buffer.from(IDX));
  const property = fc.asyncProperty(anyBytes(damaged(gzipSync(IDX)), damaged(IDX)), async (bytes) => {
    writeFileSync(path, bytes);
    await valueOrOurs(() => readBytes(path));
    const dataset = await valueOrOurs(() => openPictures(path, { canvas: 4 }));
    await dataset?.close();
  });
  await fc.assert(property, { numRuns: 300 });
});
