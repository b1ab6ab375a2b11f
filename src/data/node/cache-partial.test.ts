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
import { beginHeartbeat } from "./cache-heartbeat.ts";
import { claimPartial, earlierCaches, publishPartial } from "./cache-partial.ts";
import type { CachePlan } from "./cache-plan.ts";

let plan: CachePlan;
let me: BuildOwner;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "afterimage-partial-"));
  plan = {
    canvas: 4,
    mode: "raw",
    background: "auto",
    count: 9,
    root,
    family: "pictures-4-raw-",
    name: "pictures-4-raw-now",
  };
  me = beginBuild();
});
afterEach(() => {
  endBuild(me);
  rmSync(plan.root, { recursive: true, force: true });
});

/** How long builds are watched if nothing is known about them, in milliseconds. */
const WATCH = 60;
const DECADES = [1, 4e9] as const; // 1970 and 2096, in seconds
const gone = (): BuildOwner => ({ ...me, boot: "before" });
const elsewhere = (): BuildOwner => ({ ...me, host: "another" });

/** A half-built cache that `owner` left; its journal grew last at some second of some clock. */
function left(owner: BuildOwner, journal: string, { cache = plan.name, changed = 1e9 } = {}): string {
  const folder = join(plan.root, `${cache}.partial-${formatOwner(owner)}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "journal.jsonl"), journal);
  utimesSync(join(folder, "journal.jsonl"), changed, changed);
  return folder;
}
const claim = (as = plan) => claimPartial(as, me, WATCH);
const journalOf = (folder: string) => {
  const path = join(folder, "journal.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8") : null;
};

describe("claimPartial", () => {
  test("makes an empty folder where nothing was left", async () => {
    const folder = await claim({ ...plan, root: join(plan.root, "deeper", "still") });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("takes over the build that came furthest, and removes the others", async () => {
    left({ ...gone(), build: "1" }, "short");
    left({ ...gone(), build: "2" }, "the longest");
    left({ ...gone(), build: "3" }, "longer");
    expect(journalOf(await claim())).toBe("the longest");
    expect(readdirSync(plan.root)).toHaveLength(1);
  });

  test.each(DECADES)("leaves builds alone that are under way, whatever clocks say (%d)", async (changed) => {
    const other = beginBuild();
    const theirs = [
      left(other, "here", { changed }),
      left(elsewhere(), "there", { changed }),
      left({ ...elsewhere(), build: "2" }, "then", { cache: "pictures-4-raw-then", changed }),
      left({ ...elsewhere(), build: "3" }, "others", { cache: "others-4-raw-x", changed }),
    ];
    const ends = theirs.slice(1, 3).map((folder) => beginHeartbeat(folder, 1));
    expect(journalOf(await claim())).toBeNull();
    for (const end of ends) end();
    expect(theirs.map(journalOf)).toEqual(["here", "there", "then", "others"]);
    endBuild(other);
  });

  test.each(DECADES)("takes over a build that does not move while it is watched (%d)", async (changed) => {
    left(elsewhere(), "there", { changed });
    expect(journalOf(await claim())).toBe("there");
  });

  test("does not wait where everything is known", async () => {
    left(gone(), "left");
    left(elsewhere(), "others", { cache: "others-4-raw-x" });
    expect(journalOf(await claimPartial(plan, me, 1e9))).toBe("left");
  });

  test("removes what was left of the folder's earlier states, and of others all but the last ones", async () => {
    const earlier = left(gone(), "earlier", { cache: "pictures-4-raw-then" });
    const others = Array.from({ length: 10 }, (_, i) =>
      left({ ...gone(), build: `${i}` }, "other", {
        cache: `others-4-raw-${i}`,
        changed: 1e9 + ((i * 7) % 10),
      }),
    );
    expect(journalOf(await claim())).toBeNull();
    expect(existsSync(earlier)).toBe(false);
    const removed = others.flatMap((folder, i) => (existsSync(folder) ? [] : [(i * 7) % 10]));
    expect(removed.sort()).toEqual([0, 1]);
  });
});

describe("publishPartial", () => {
  test.each(DECADES)(
    "puts the folder in its place, and removes the states that there were before (%d)",
    async (seconds) => {
      mkdirSync(join(plan.root, "pictures-4-raw-then"));
      mkdirSync(join(plan.root, "pictures-5-raw-other"));
      left(gone(), "x", { cache: "pictures-4-raw-half" });
      const earlier = earlierCaches(plan);
      mkdirSync(join(plan.root, "pictures-4-raw-newer"));
      for (const name of readdirSync(plan.root)) utimesSync(join(plan.root, name), seconds, seconds);
      const folder = await claim();
      for (const name of ["index.safetensors", "records.bin", "journal.jsonl", "alive"])
        writeFileSync(join(folder, name), name);
      publishPartial(folder, plan, earlier);
      expect(readdirSync(plan.root).sort()).toEqual([
        "pictures-4-raw-newer",
        plan.name,
        "pictures-5-raw-other",
      ]);
      expect(readdirSync(join(plan.root, plan.name)).sort()).toEqual(["index.safetensors", "records.bin"]);
    },
  );

  test("keeps the cache of a build that was faster", async () => {
    const folder = await claim();
    writeFileSync(join(folder, "records.bin"), "mine");
    mkdirSync(join(plan.root, plan.name));
    writeFileSync(join(plan.root, plan.name, "records.bin"), "theirs");
    publishPartial(folder, plan, []);
    expect(readdirSync(plan.root)).toEqual([plan.name]);
    expect(readFileSync(join(plan.root, plan.name, "records.bin"), "utf8")).toBe("theirs");
  });

  test("throws when the folder is gone and nothing is in its place", async () => {
    const folder = await claim();
    rmSync(folder, { recursive: true });
    expect(() => publishPartial(folder, plan, [])).toThrow(/ENOENT/);
  });

  test("knows of no earlier states where there is no folder of caches", () => {
    expect(earlierCaches({ ...plan, root: join(plan.root, "none") })).toEqual([]);
  });
});
