import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beginBuild, endBuild, formatOwner } from "./build-owner.ts";
import { buildCache } from "./cache-build.ts";
import { finishedFolder, planCache } from "./cache-plan.ts";
import { listFolder } from "./list-folder.ts";

let base: string;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "afterimage-build-"));
  mkdirSync(join(base, "pictures"));
  const picture = sharp({ create: { width: 3, height: 4, channels: 3, background: "#4080c0" } });
  const bytes = await picture.png().toBuffer();
  for (let i = 0; i < 6; i++) writeFileSync(join(base, `pictures/${i}.png`), bytes);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function planned(cache: string) {
  const listing = await listFolder(join(base, "pictures"));
  return { listing, plan: planCache(listing, 8, 1e9, join(base, cache)) };
}

test("a build whose folder another one takes meanwhile leaves it alone, and makes its own", async () => {
  const { listing, plan } = await planned("taken");
  const taker = beginBuild();
  let taken = "";
  await buildCache(plan, listing, {
    onProgress(done) {
      if (done !== 3 || taken !== "") return;
      const [name] = readdirSync(plan.root);
      taken = join(plan.root, name!.replace(/partial-.*/, `partial-${formatOwner(taker)}`));
      renameSync(join(plan.root, name!), taken);
    },
  });
  expect(existsSync(taken)).toBe(true);
  expect(readFileSync(join(taken, "records.bin"))).toHaveLength(0);
  endBuild(taker);
  const undisturbed = await planned("undisturbed");
  await buildCache(undisturbed.plan, undisturbed.listing);
  for (const file of ["records.bin", "index.safetensors"]) {
    const [got, expected] = [plan, undisturbed.plan].map((one) =>
      readFileSync(join(finishedFolder(one), file)),
    );
    expect(got!.equals(expected!)).toBe(true);
  }
});
