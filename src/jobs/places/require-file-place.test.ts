import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { besideOf } from "../../train/node/write-file.ts";
import { requireFilePlace } from "./require-file-place.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "file-place-"));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const check = (path: string) => requireFilePlace(join(folder, path), "out");

describe("requireFilePlace", () => {
  test("accepts a new file, one that is there, and one in folders that are not; and leaves all as it was", async () => {
    writeFileSync(join(folder, "there.npy"), "old");
    for (const path of ["new.npy", "there.npy", "a/b/new.npy"]) await check(path);
    expect(readdirSync(folder)).toEqual(["there.npy"]);
    expect(readFileSync(join(folder, "there.npy"), "utf8")).toBe("old");
  });

  test("refuses a folder in place of the file, and a file in place of its folder", async () => {
    mkdirSync(join(folder, "folder.npy"));
    writeFileSync(join(folder, "file"), "");
    await expect(check("folder.npy")).rejects.toThrow(
      /no file can be written here.*the folder .*folder\.npy/,
    );
    await expect(check("file/a/new.npy")).rejects.toThrow(/no file can be written here.*the file .*file\./);
  });

  test("refuses a place where the file cannot be made", async () => {
    // Permissions do not stop an administrator, so something else is put in the place of the temporary file.
    mkdirSync(besideOf(join(folder, "x.npy")));
    await expect(check("x.npy")).rejects.toMatchObject({ code: "export/write" });
  });

  test.skipIf(process.getuid?.() === 0)("refuses a folder that may not be written to", async () => {
    chmodSync(folder, 0o500);
    await expect(check("x.npy")).rejects.toThrow(/cannot be written.*permission denied/);
    await expect(check("a/b/x.npy")).rejects.toThrow(/cannot be written.*permission denied/);
  });
});
