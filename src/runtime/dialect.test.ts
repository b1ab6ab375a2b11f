import { describe, expect, it } from "vitest";
import { dialectOf } from "./dialect.ts";

describe("the dialect of a provider", () => {
  it("has blocks of 8 or 16 channels on the CPU, or none", async () => {
    expect([0, 8, 16]).toContain((await dialectOf()).blockSize);
  });

  it("is asked for once", () => {
    expect(dialectOf()).toBe(dialectOf({ provider: "cpu" }));
  });

  it("has no blocks where the provider cannot be had", async () => {
    expect((await dialectOf({ provider: "abacus" })).blockSize).toBe(0);
  });
});
