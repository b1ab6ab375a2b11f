import { expect, it } from "vitest";
import { hashMethod } from "../../bench/hashes/hash-method.ts";
import { TINY_METHODS } from "../support/tiny-methods.ts";

it("gives a whole and a resumed run the same hash, and a run in parts another", async () => {
  // MoCo v2 has a queue, a teacher and batch norm. In parts, batch norm has other statistics.
  const { whole, parts, resumed } = await hashMethod({ ...TINY_METHODS["moco-v2"], method: "moco-v2" });
  expect(whole).toMatch(/^[0-9a-f]{64}$/);
  expect(resumed).toBe(whole);
  expect(parts).not.toBe(whole);
});
