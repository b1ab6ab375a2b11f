import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beginBuild, endBuild, formatOwner } from "../../data/node/build-owner.ts";
import { holdRun, requireIdle } from "./run-lock.ts";

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-lock-"));
  lock = join(folder, "running");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const gone = () => {
  const owner = beginBuild();
  endBuild(owner);
  return formatOwner(owner);
};

describe("the lock of a run's folder", () => {
  it("lets one in at a time, and leaves nothing behind", () => {
    const run = join(folder, "new/run");
    const release = holdRun(run);
    expect(readdirSync(run)).toEqual(["running"]);
    expect(() => holdRun(run)).toThrow(/another process is training in this folder/);
    expect(() => requireIdle(run)).toThrow(/another process/);
    release();
    expect(readdirSync(run)).toEqual([]);
    holdRun(run)();
  });

  it.each([
    ["of a process that is gone", gone],
    ["that a crash of the machine left empty", () => ""],
  ])("is taken over %s", (_, content) => {
    writeFileSync(lock, content());
    writeFileSync(`${lock}.${gone()}`, "");
    requireIdle(folder);
    const release = holdRun(folder);
    expect(() => requireIdle(folder)).toThrow(/another process/);
    expect(readdirSync(folder)).toEqual(["running"]);
    release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is not made where a file or folder of somebody else has its name", () => {
    writeFileSync(lock, "the people that were running");
    expect(() => requireIdle(folder)).toThrow(/another file has it/);
    expect(() => holdRun(folder)).toThrow(/another file has it/);
    expect(readFileSync(lock, "utf8")).toBe("the people that were running");
    rmSync(lock);
    mkdirSync(lock);
    expect(() => holdRun(folder)).toThrow(/another file has it/);
  });

  it("is not taken away by one who lost it", () => {
    const release = holdRun(folder);
    const other = gone();
    writeFileSync(lock, other);
    release();
    expect(readFileSync(lock, "utf8")).toBe(other);
  });
});
