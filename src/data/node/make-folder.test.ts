import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "make-folder-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("makeFolder", () => {
  it("makes what is missing, and leaves what is there", () => {
    const folder = join(home, "a", "b", "c");
    makeFolder(folder);
    makeFolder(folder);
    expect(statSync(folder).isDirectory()).toBe(true);
  });

  it("says what the system says where a file is in the way", () => {
    writeFileSync(join(home, "file"), "");
    expect(() => makeFolder(join(home, "file"))).toThrow(/EEXIST/);
    expect(() => makeFolder(join(home, "file", "inner"))).toThrow(/EEXIST|ENOTDIR/);
  });

  it.runIf(process.platform === "linux")("gives up where no folder can be made", () => {
    expect(() => makeFolder("/proc/nowhere/inner")).toThrow(/ENOENT/);
  });
});
