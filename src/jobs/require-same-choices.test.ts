import { describe, expect, it } from "vitest";
import { TINY_SIMCLR, tinyConfig } from "../../test/support/tiny-run.ts";
import { requireSameChoices } from "./require-same-choices.ts";

describe("requireSameChoices", () => {
  it("takes the same micro-batch again when the run goes on, and no other", () => {
    const run = tinyConfig(TINY_SIMCLR);
    requireSameChoices({ microBatch: 64 }, { ...run, batchSize: 8, microBatch: 8 }, "run");
    expect(() =>
      requireSameChoices({ microBatch: 4 }, { ...run, batchSize: 8, microBatch: 8 }, "run"),
    ).toThrow(/`microBatch` 8; got 4/);
  });
});
