import { describe, expect, it } from "vitest";
import { TINY_SIMCLR, tinyConfig } from "../../test/support/tiny-run.ts";
import { AfterimageError } from "../errors.ts";
import { explainRefusal, explainSize, hasRoomForPlan, requireRoom } from "./require-room.ts";
import { Trainer } from "./trainer.ts";

const program = { inputs: [{ name: "w", shape: [25_000_000], dtype: "float32" as const }], peakBytes: 800e6 };
const size = { batchSize: 64, microBatch: 64, programs: [program] };
// 100 MB, twice the 100 MB of values, and .9 times the 800 MB of the step
const NEEDED = 1020e6;

describe("room for a step", () => {
  it("is enough at what it needs, and not below", () => {
    expect(() => requireRoom(size, NEEDED)).not.toThrow();
    expect(() => requireRoom(size, NEEDED - 1)).toThrow(/not enough memory.*at least 1,020 MB; got 1,020 MB/);
  });

  it("names the largest part of the batch that would fit", () => {
    // 300 MB and twice 800 MB · 8/64
    expect(() => requireRoom(size, 500e6)).toThrow(/8 pictures at a time would fit: `microBatch: 8`/);
    expect(() => requireRoom(size, 499e6)).toThrow(/`microBatch: 4`/);
    expect(() => requireRoom(size, 250e6)).toThrow(/smaller pictures or a smaller backbone/);
  });

  it("has a plan of the memory only where there is plenty", () => {
    // 300 MB and four times 800 MB
    expect(hasRoomForPlan(size, 3500e6)).toBe(true);
    expect(hasRoomForPlan(size, 3499e6)).toBe(false);
  });

  it("is told of when the runtime found none after all", () => {
    const refused = new AfterimageError("runtime/run", {
      what: "ONNX Runtime could not run the graph",
      got: "BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 134217728",
    });
    expect(explainRefusal(refused, size, 1200e6)).toMatchObject({
      code: "train/memory",
      message: expect.stringMatching(/64 pictures at a time.*1,900 MB.*got 1,200 MB.*`microBatch: 32`/),
      cause: refused,
    });
    // An unknown limit: half is the best guess.
    expect(explainRefusal(new Error("std::bad_alloc"), size, Number.POSITIVE_INFINITY)).toMatchObject({
      message: expect.stringMatching(/take\. 32 pictures at a time would fit/),
    });
    const other = new Error("no kernel");
    expect(explainRefusal(other, size, 1200e6)).toBe(other);
  });

  it("is asked for before a step is loaded", async () => {
    const create = Trainer.create(tinyConfig(TINY_SIMCLR), { threads: 1, memory: 1e6 });
    await expect(create).rejects.toMatchObject({ code: "train/memory", isUsage: true });
  });
});

describe("a graph that is larger than it can be", () => {
  const microBatch = 8;

  it("is refused with the choices that make it smaller", () => {
    const error = new AfterimageError("onnx/size", { what: "x", expected: "at most 2 MB", got: "3 MB" });
    expect(explainSize(error, { microBatch })).toMatchObject({
      code: "onnx/size",
      message: expect.stringMatching(
        /8 pictures at a time.*at most 2 MB; got 3 MB.*`imageSize`.*`microBatch`/,
      ),
    });
    const beyond = new RangeError("Invalid typed array length: 5436000000");
    expect(explainSize(beyond, { microBatch })).toMatchObject({ code: "onnx/size", cause: beyond });
  });

  it("is no other error", () => {
    const other = new TypeError("a bug");
    expect(explainSize(other, { microBatch })).toBe(other);
  });
});
