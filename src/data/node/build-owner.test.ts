import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { beginBuild, endBuild, formatOwner, isGone, parseOwner } from "./build-owner.ts";

describe("a build's owner", () => {
  test("is read back from a file name", () => {
    const owner = beginBuild();
    endBuild(owner);
    expect(parseOwner(formatOwner(owner))).toEqual(owner);
    expect(formatOwner(owner)).toMatch(/^[\w.-]+$/);
    expect(parseOwner("something else")).toBeNull();
  });

  test("is there while it builds, and gone after", () => {
    const owner = beginBuild();
    expect(isGone(owner)).toBe(false);
    endBuild(owner);
    expect(isGone(owner)).toBe(true);
  });

  test("of another process is gone when the process is", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const mine = beginBuild();
    endBuild(mine);
    const theirs = { ...mine, process: processLike(mine.process, child.pid!) };
    expect(isGone(theirs)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(theirs)).toBe(true);
  });

  test.runIf(process.platform === "linux")(
    "is gone when its number belongs to a process begun at another time",
    () => {
      const mine = beginBuild();
      endBuild(mine);
      expect(isGone({ ...mine, process: `${process.ppid}-1` })).toBe(true);
    },
  );

  test("is gone when its machine has been started again, and unknown on another machine or in another container", () => {
    const mine = beginBuild();
    expect(isGone({ ...mine, boot: "0" })).toBe(true);
    expect(isGone({ ...mine, space: "0" })).toBeNull();
    expect(isGone({ ...mine, host: "0" })).toBeNull();
    endBuild(mine);
  });
});

/** Another process in the form that `own` has: its number, and on Linux the time it began. */
function processLike(own: string, pid: number): string {
  if (!own.includes("-")) return `${pid}`;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return `${pid}-${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
}
