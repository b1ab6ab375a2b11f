import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { availableMemory, freeMemory } from "./available-memory.ts";

describe("the memory there is", () => {
  it("is more than nothing and at most all", () => {
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThanOrEqual(totalmem());
  });

  it("is read from what Linux says", () => {
    expect(freeMemory("MemTotal:  100 kB\nMemAvailable:       64 kB\nBuffers: 1 kB\n")).toBe(65_536);
    expect(freeMemory("")).toBeNull();
  });
});
