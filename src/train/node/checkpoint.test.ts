import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyBytes, damaged, valueOrOurs } from "../../../test/support/damaged.ts";
import { encodeSafetensors, type NamedArrays } from "../../formats/safetensors.ts";
import {
  checkpointNames,
  keepOnly,
  readCheckpoint,
  readNewestCheckpoint,
  writeCheckpoint,
} from "./checkpoint.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-checkpoint-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (step: number, ...data: number[]) =>
  writeCheckpoint(folder, step, new Map([["w", Float32Array.from(data)]]), new Map());

describe("readNewestCheckpoint", () => {
  it("passes over a damaged one and tells of it", async () => {
    await write(3, 1, 2);
    await writeFile(await write(5, 3, 4), "cut short");
    const told: string[] = [];
    const found = await readNewestCheckpoint(folder, null, (path, reason) => told.push(`${path}: ${reason}`));
    expect(found).toMatchObject({ step: 3, arrays: new Map([["w", Float32Array.of(1, 2)]]) });
    expect(told).toEqual([expect.stringMatching(/step-00000005\.safetensors: .+/)]);
  });

  it("names every file and its reason when none can be used", async () => {
    await write(3, 1, 2);
    await writeFile(await write(5, 3, 4), "cut short");
    const error = await readNewestCheckpoint(folder, { lengths: new Map([["w", 9]]), pictures: "" }).catch(
      (one: unknown) => one,
    );
    expect(error).toMatchObject({ code: "train/checkpoint", evidence: { where: folder } });
    expect((error as Error).message).toMatch(
      /step-00000005\.safetensors: .+; step-00000003\.safetensors: .*w with 9 numbers; got 2/,
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("passes over one that holds %d", async (value) => {
    await write(3, 1, 2);
    await write(5, 3, value);
    const told: string[] = [];
    const expected = { lengths: new Map([["w", 2]]), pictures: "" };
    const found = await readNewestCheckpoint(folder, expected, (_, reason) => told.push(reason));
    expect(found).toMatchObject({ step: 3 });
    expect(told).toEqual([expect.stringMatching(/not finite: its training has diverged .*, w\); got/)]);
  });

  it("passes over one that was made with other pictures", async () => {
    const values = new Map([["w", Float32Array.of(1)]]);
    for (const [step, pictures] of [
      [3, "before"],
      [5, "now"],
    ] as const)
      await writeCheckpoint(folder, step, values, new Map(), { pictures });
    const found = await readNewestCheckpoint(folder, { lengths: new Map([["w", 1]]), pictures: "before" });
    expect(found).toMatchObject({ step: 3 });
  });

  it("keeps the one that was written last, whatever its step is, and the newest of the others", async () => {
    for (const step of [3, 5, 4]) await write(step, 1);
    expect(await checkpointNames(folder)).toEqual(["step-00000005.safetensors", "step-00000004.safetensors"]);
    await keepOnly(await write(2, 1));
    expect(await checkpointNames(folder)).toEqual(["step-00000002.safetensors"]);
  });

  it("finds none in a folder that is not there", async () => {
    expect(await readNewestCheckpoint(join(folder, "none"), null)).toBeNull();
  });
});

describe("a checkpoint that is not what it was", () => {
  it("is read, passed over or refused, whatever its bytes are", async () => {
    const expected = { lengths: new Map([["w", 3]]), pictures: "" };
    await write(3, 1, 2, 3);
    const newest = await write(5, 4, 5, 6);
    const property = fc.asyncProperty(anyBytes(damaged(await readFile(newest))), async (bytes) => {
      await writeFile(newest, bytes);
      const found = await readNewestCheckpoint(folder, expected);
      expect([3, 5]).toContain(found?.step);
      expect(found?.arrays.get("w")).toHaveLength(3);
      await valueOrOurs(() => readCheckpoint(newest, null));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it.each<[string, NamedArrays, Record<string, string>, RegExp]>([
    [
      "numbers of another type",
      new Map([["w", { dtype: "F64", shape: [1], data: new Float64Array(1) }]]),
      {},
      /expected F32; got F64/,
    ],
    ["a step that is no number", new Map(), { step: "1e3" }, /does not say its step/],
    ["an empty step", new Map(), { step: "" }, /does not say its step/],
    ["a step beyond all", new Map(), { step: "9".repeat(20) }, /does not say its step/],
  ])("with %s is refused", async (_, arrays, metadata, message) => {
    const path = join(folder, "step-00000001.safetensors");
    await writeFile(path, encodeSafetensors(arrays, metadata));
    await expect(readCheckpoint(path, null)).rejects.toThrow(message);
  });

  it("or a folder in its place, is refused with the reason", async () => {
    await mkdir(join(folder, "step-00000001.safetensors"));
    await expect(readNewestCheckpoint(folder, null)).rejects.toThrow(/a folder, not a file/);
    await writeFile(join(folder, "file"), "");
    await expect(readNewestCheckpoint(join(folder, "file"), null)).rejects.toMatchObject({
      code: "train/checkpoint",
    });
  });
});
