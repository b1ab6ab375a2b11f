import { expect, it } from "vitest";
import { hashMethod } from "../../bench/hashes/hash-method.ts";
import { TINY_METHODS } from "../support/tiny-methods.ts";

it("hashes a run the same whole and resumed, and one with other values otherwise", async () => {
  // With a queue, a teacher and batch norm, whose statistics in parts are others.
  const { whole, parts, resumed } = await hashMethod({ ...TINY_METHODS["moco-v2"], method: "moco-v2" });
  expect(whole).toMatch(/^[0-9a-f]{64}$/);
  expect(resumed).toBe(whole);
  expect(parts).not.toBe(whole);
});
