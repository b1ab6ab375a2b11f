import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BuildOwner, beginBuild, endBuild, formatOwner } from "./build-owner.ts";
import { claimPartial, publishPartial } from "./cache-partial.ts";
import type { CachePlan } from "./cache-plan.ts";

let plan: CachePlan;
let me: BuildOwner;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "afterimage-partial-"));
  plan = { canvas: 4, mode: "raw", count: 9, root, family: "pictures-4-raw-", name: "pictures-4-raw-now" };
  me = beginBuild();
});
afterEach(() => {
  endBuild(me);
  rmSync(plan.root, { recursive: true, force: true });
});

const MINUTE = 60_000;
const gone = (): BuildOwner => ({ ...me, boot: "before" });
const elsewhere = (): BuildOwner => ({ ...me, host: "another" });

/** A half-built cache left by `owner`, whose journal has rested for a while. */
function left(owner: BuildOwner, journal: string, { cache = plan.name, rested = 0 } = {}): string {
  const folder = join(plan.root, `${cache}.partial-${formatOwner(owner)}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "journal.jsonl"), journal);
  const time = (Date.now() - rested) / 1000;
  utimesSync(join(folder, "journal.jsonl"), time, time);
  return folder;
}
const journalOf = (folder: string) => {
  const path = join(folder, "journal.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8") : null;
};

describe("claimPartial", () => {
  test("makes an empty folder where nothing was left", () => {
    const folder = claimPartial({ ...plan, root: join(plan.root, "deeper", "still") }, me);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("takes over the build that came furthest, and removes the others", () => {
    left({ ...gone(), build: "1" }, "short");
    left({ ...gone(), build: "2" }, "the longest");
    left({ ...gone(), build: "3" }, "longer");
    expect(journalOf(claimPartial(plan, me))).toBe("the longest");
    expect(readdirSync(plan.root)).toHaveLength(1);
  });

  test("leaves a build alone that is under way, here or where nothing is known", () => {
    const other = beginBuild();
    const theirs = [left(other, "here"), left(elsewhere(), "there", { rested: 9 * MINUTE })];
    expect(journalOf(claimPartial(plan, me))).toBeNull();
    expect(theirs.map(journalOf)).toEqual(["here", "there"]);
    endBuild(other);
  });

  test("takes over a build of which nothing is known when it has rested", () => {
    left(elsewhere(), "there", { rested: 11 * MINUTE });
    expect(journalOf(claimPartial(plan, me))).toBe("there");
  });

  test("removes what was left of the folder's earlier states, and of others when forgotten", () => {
    const earlier = left(gone(), "earlier", { cache: "pictures-4-raw-then" });
    const others = left({ ...gone(), build: "7" }, "other", { cache: "others-4-raw-x" });
    const forgotten = left({ ...gone(), build: "8" }, "old", {
      cache: "others-4-raw-y",
      rested: 8 * 24 * 60 * MINUTE,
    });
    expect(journalOf(claimPartial(plan, me))).toBeNull();
    expect([earlier, others, forgotten].map(existsSync)).toEqual([false, true, false]);
  });
});

describe("publishPartial", () => {
  test("puts the folder in its place without its journal, and removes earlier states that are older", () => {
    mkdirSync(join(plan.root, "pictures-4-raw-then"));
    utimesSync(join(plan.root, "pictures-4-raw-then"), 1, 1);
    mkdirSync(join(plan.root, "pictures-4-raw-newer"));
    mkdirSync(join(plan.root, "pictures-5-raw-other"));
    utimesSync(join(plan.root, "pictures-5-raw-other"), 1, 1);
    const folder = claimPartial(plan, me);
    for (const name of ["index.safetensors", "records.bin", "journal.jsonl"])
      writeFileSync(join(folder, name), name);
    publishPartial(folder, plan, Date.now() - MINUTE);
    expect(readdirSync(plan.root).sort()).toEqual([
      "pictures-4-raw-newer",
      plan.name,
      "pictures-5-raw-other",
    ]);
    expect(readdirSync(join(plan.root, plan.name)).sort()).toEqual(["index.safetensors", "records.bin"]);
  });

  test("keeps the cache of a build that was faster", () => {
    const folder = claimPartial(plan, me);
    writeFileSync(join(folder, "records.bin"), "mine");
    mkdirSync(join(plan.root, plan.name));
    writeFileSync(join(plan.root, plan.name, "records.bin"), "theirs");
    publishPartial(folder, plan, Date.now());
    expect(readdirSync(plan.root)).toEqual([plan.name]);
    expect(readFileSync(join(plan.root, plan.name, "records.bin"), "utf8")).toBe("theirs");
  });

  test("throws when the folder is gone and nothing is in its place", () => {
    const folder = claimPartial(plan, me);
    rmSync(folder, { recursive: true });
    expect(() => publishPartial(folder, plan, 0)).toThrow(/ENOENT/);
  });
});
