import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AfterimageError } from "../../errors.ts";
import { buildCache } from "./cache-build.ts";
import { type CachePlan, planCache } from "./cache-plan.ts";
import { openFinished } from "./cache-reader.ts";
import { listFolder } from "./list-folder.ts";

const CANVAS = 12;
const BYTES = 3 * CANVAS * CANVAS;
let base: string;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "afterimage-reader-"));
  mkdirSync(join(base, "p"));
  for (let i = 0; i < 6; i++) {
    const background = { r: 40 * i, g: 10, b: 200 };
    const image = sharp({ create: { width: 4 + i, height: 9, channels: 3, background } });
    writeFileSync(join(base, `p/${i}.png`), await image.png().toBuffer());
  }
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function build(budgetBytes: number): Promise<CachePlan> {
  const listing = await listFolder(join(base, "p"));
  const plan = planCache(listing, CANVAS, budgetBytes, join(base, "cache"));
  await buildCache(plan, listing);
  return plan;
}

describe.each([
  ["raw", 1e9],
  ["encoded", 0],
] as const)("a cache of %s records", (mode, budget) => {
  test("gives the same bytes from its file as from memory", async () => {
    const plan = await build(budget);
    expect(plan.mode).toBe(mode);
    const indices = Int32Array.of(5, 0, 0, 3);
    const outs = [1e9, 0].map(async (heldBytes) => {
      const { access } = (await openFinished(plan, heldBytes))!;
      const out = new Uint8Array(4 * BYTES).fill(77);
      await access.read(indices, out);
      await access.close?.();
      return out;
    });
    const [held, read] = await Promise.all(outs);
    expect(read).toEqual(held);
    expect(Math.abs(held![0]! - 200)).toBeLessThanOrEqual(2); // red of picture 5
    expect(held![11]).toBe(0); // beyond its nine columns
  });

  test("cut short while it is open tells so", async () => {
    const plan = await build(budget);
    const { access } = (await openFinished(plan, 0))!;
    truncateSync(join(plan.root, plan.name, "records.bin"), 10);
    const reading = Promise.resolve().then(() => access.read([0, 5], new Uint8Array(2 * BYTES)));
    await expect(reading).rejects.toThrow(AfterimageError);
    await access.close?.();
  });
});

test("a cache of fewer pictures than its index has is not opened", async () => {
  const plan = await build(1e9);
  expect(await openFinished({ ...plan, count: 5 })).toBeNull();
});

test("where there is no cache none is opened", async () => {
  expect(
    await openFinished({
      canvas: 4,
      mode: "raw",
      background: "auto",
      count: 1,
      root: base,
      family: "f-",
      name: "f-none",
    }),
  ).toBeNull();
});
