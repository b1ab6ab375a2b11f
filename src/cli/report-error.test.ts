import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AfterimageError } from "../errors.ts";
import { reportError } from "./report-error.ts";

let [stdout, stderr] = ["", ""];
beforeEach(() => {
  [stdout, stderr] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

/** Reports an error, and restores the output before anything is expected. */
function report(error: unknown, ...words: string[]): number {
  const status = reportError(error, { words, commands: ["pretrain"] });
  vi.restoreAllMocks();
  return status;
}

describe("reportError", () => {
  it("tells of a user's mistake in a sentence and exits 2", () => {
    const error = new AfterimageError("data/missing", { what: "there is no such folder", where: "x" });
    expect(report(error, "pretrain", "x")).toBe(2);
    expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "afterimage: there is no such folder (x)\n" });
  });

  it("tells of a failure in a sentence and exits 1", () => {
    const error = new AfterimageError("train/not-finite", { what: "the loss is no number", where: "step 3" });
    expect(report(error, "pretrain", "x", "--json")).toBe(1);
    expect(stderr).toBe("afterimage: the loss is no number (step 3)\n");
    const evidence = { what: "the loss is no number", where: "step 3" };
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "train/not-finite", message: error.message, ...evidence },
    });
  });

  it.each([
    ["ENOSPC", "write", "the disk is full", "export/write"],
    ["EACCES", "scandir", "access is not permitted", "data/unreadable"],
  ])("tells of %s without a stack", (code, syscall, sentence, ours) => {
    const error = Object.assign(new Error("raw"), { code, syscall, path: "/somewhere" });
    expect(report(error, "pretrain", "x", "--json")).toBe(1);
    expect(stderr).toBe(`afterimage: ${sentence} (/somewhere)\n`);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: ours } });
  });

  it("shows the stack of a bug, and the command to report with it", () => {
    expect(report(new TypeError("x is not a function"), "pretrain", "my pictures")).toBe(1);
    expect(stderr).toMatch(/^TypeError: x is not a function\n {4}at /);
    expect(stderr).toContain("This is a bug in Afterimage");
    expect(stderr).toContain("afterimage pretrain 'my pictures'");
  });
});
