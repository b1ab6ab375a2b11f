import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFilesWhole, writeFileWhole } from "./write-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "write-file-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("writeFileWhole", () => {
  test("writes text, bytes and parts one after another, in folders that it makes", async () => {
    const parts = [Uint8Array.of(1, 2), Uint8Array.of(), new Uint8Array(100_000).fill(7)];
    for (const [content, expected] of [
      ["text", Buffer.from("text")],
      [Uint8Array.of(5, 6), Buffer.of(5, 6)],
      [parts, Buffer.concat(parts)],
    ] as const) {
      const path = join(folder, "a/b/file");
      await writeFileWhole(path, content);
      expect(readFileSync(path).equals(expected)).toBe(true);
      expect(readdirSync(join(folder, "a/b"))).toEqual(["file"]);
    }
  });

  test("leaves the old file, and nothing beside it, when a part cannot be made", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "old");
    function* parts() {
      yield Uint8Array.of(1);
      throw new Error("no more");
    }
    await expect(writeFileWhole(path, parts())).rejects.toThrow("no more");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

describe("writeFilesWhole", () => {
  test("replaces no file when one of them cannot be written", async () => {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    writeFileSync(first, "old");
    mkdirSync(`${second}.${process.pid}.partial`);
    const files = [first, second].map((path) => ({ path, content: "new" }));
    await expect(writeFilesWhole(files)).rejects.toThrow(/cannot be written.*second/);
    expect(readFileSync(first, "utf8")).toBe("old");
    expect(existsSync(second)).toBe(false);
    expect(existsSync(`${first}.${process.pid}.partial`)).toBe(false);
  });
});
