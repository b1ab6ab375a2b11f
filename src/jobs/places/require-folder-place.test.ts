import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requireDiskSpace } from "./require-disk-space.ts";
import { requireRunPlace } from "./require-folder-place.ts";
import { requireNoPicture, requireNoRunFile } from "./require-no-input.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-place-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => join(folder, ...names);

describe("the place of an output", () => {
  it("may be new, with folders that are missing, and is not made by looking", () => {
    requireRunPlace(at("a/b/run"));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is refused where a file is in the way of a folder", () => {
    writeFileSync(at("file"), "");
    expect(() => requireRunPlace(at("file"))).toThrow(/a file is in its place/);
    expect(() => requireRunPlace(at("file/deep/run"))).toThrow(/a file is in its place/);
    mkdirSync(at("run"));
    writeFileSync(at("run/checkpoints"), "");
    expect(() => requireRunPlace(at("run"))).toThrow(/a file is in its place/);
  });

  // An administrator may write anywhere except on a read-only disk, such as /proc.
  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "is refused where one may not write",
    () => {
      mkdirSync(at("locked"));
      chmodSync(at("locked"), 0o555);
      expect(() => requireRunPlace(at("locked/run"))).toThrow(
        /this folder cannot be written to .*locked.*permission denied/,
      );
      chmodSync(at("locked"), 0o755);
    },
  );
});

describe("an output that is an input", () => {
  it("is refused: a file of the run, by any name", () => {
    mkdirSync(at("run/checkpoints"), { recursive: true });
    writeFileSync(at("run/config.json"), "{}");
    symlinkSync(at("run/config.json"), at("link.onnx"));
    for (const out of ["run/checkpoints/step-00000001.safetensors", "run/checkpoints", "run/metrics.jsonl"])
      expect(() => requireNoRunFile(at(out), at("run"))).toThrow(/a file of the run/);
    expect(() => requireNoRunFile(at("link.onnx"), at("run"))).toThrow(/a file of the run/);
    requireNoRunFile(at("run/encoder.onnx"), at("run"));
    requireNoRunFile(at("run/features.npy"), at("run"));
  });

  it("is refused: the list of the pictures, or one of them", () => {
    mkdirSync(at("pictures/a"), { recursive: true });
    for (const name of ["pictures/a/x.npy", "list.txt"]) writeFileSync(at(name), "");
    const dataset = { names: ["a/x.npy"] };
    expect(() => requireNoPicture(at("pictures/a/x.npy"), at("pictures"), dataset)).toThrow(
      /one of the pictures/,
    );
    expect(() => requireNoPicture(at("list.txt"), at("list.txt"), dataset)).toThrow(/file of the pictures/);
    const listed = { names: [at("pictures/a/x.npy")] };
    expect(() => requireNoPicture(at("pictures/a/x.npy"), at("list.txt"), listed)).toThrow(
      /one of the pictures/,
    );
    requireNoPicture(at("x.npy"), at("pictures"), dataset);
  });
});

describe("the room on the disk", () => {
  const needs = { values: new Map([["w", new Float32Array(1000)]]), encoderValues: new Map() };
  const free = (bytes: number) => async () => bytes;

  it("is asked for three checkpoints, of which those that are there are some", async () => {
    await requireDiskSpace(at("run"), needs, free(12_000));
    await expect(requireDiskSpace(at("run"), needs, free(11_999))).rejects.toMatchObject({
      code: "export/write",
      evidence: { expected: "1 MB free" },
    });
    mkdirSync(at("run/checkpoints"), { recursive: true });
    writeFileSync(at("run/checkpoints/step-00000003.safetensors"), Buffer.alloc(4000));
    await requireDiskSpace(at("run"), needs, free(8000));
  });

  it("is found for folders that are not there yet", async () => {
    await requireDiskSpace(at("a/b/c"), needs);
  });
});
