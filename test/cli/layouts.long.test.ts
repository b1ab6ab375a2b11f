/** Pictures in common layouts of folders, from the command line. */
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterimage, lastObject, makePictures } from "./support.ts";

const TINY = ["--image-size", "16", "--width", "0.0625", "--epochs", "1", "--threads", "1"];
const ESCAPE = "\x1b]0;title\x07bad.png";
let folder: string;
let pictures: string;
let parts: string;
let run: string;
let env: Record<string, string>;
const call = (...words: string[]) => afterimage(words, { env });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-layouts-"));
  env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  pictures = await makePictures(join(folder, "pictures"), { perClass: 6, size: 16 });
  parts = join(folder, "parts");
  await cp(pictures, join(parts, "train"), { recursive: true });
  await makePictures(join(parts, "val"), { perClass: 2, size: 16 });
  run = join(folder, "run");
  const trained = await call("pretrain", parts, ...TINY, "--out", run, "--json");
  expect(lastObject(trained)).toMatchObject({
    config: { data: { pictures: 18 } },
    notes: [expect.stringContaining("only train/ is used")],
  });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const knn = (data: string, ...words: string[]) =>
  call("evaluate", run, "--data", data, "--protocol", "knn", "--threads", "1", ...words);

describe("folders with splits", () => {
  it("are tested on their test split, with the classes in it", async () => {
    const result = lastObject(await knn(parts, "--json"));
    const names = { train: "train/", test: "val/" };
    expect(result).toMatchObject({ protocol: { splits: names, train: 18, test: 6, classes: 3 } });
    const shared = await knn(parts, "--test-share", "0.5");
    expect(shared.stdout).toContain("Split: 18 training and 6 test pictures (train/ and val/), seed 0");
    expect(shared.stderr).toContain(
      "note: the test share has no effect, because the data set has its own splits",
    );
    expect(result).toMatchObject({
      protocol: { division: "splits", testShare: null, folds: null },
      trained: { knn: { standardError: expect.any(Number) } },
      comparisons: [{ with: "pixels" }, { with: "untrained" }, { with: "chance" }],
    });
  });

  it("are divided as a whole, or refused, if an option asks for it", async () => {
    const all = lastObject(await knn(parts, "--split", "all", "--json"));
    expect(all).toMatchObject({ protocol: { splits: null, train: 23, test: 24, classes: 3 } });
    const shared = lastObject(await knn(parts, "--split", "all", "--test-share", "0.25", "--json"));
    expect(shared).toMatchObject({ protocol: { splits: null, train: 18, test: 6, testShare: 0.25 } });
    const none = await knn(parts, "--split", "test");
    expect(none).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('this data set has no split "test"'),
    });
  });

  it("are all embedded", async () => {
    const out = join(folder, "all.npy");
    expect(lastObject(await call("embed", run, parts, "--out", out, "--json"))).toMatchObject({
      pictures: 24,
    });
    const train = await call("embed", run, parts, "--out", out, "--split", "train", "--json");
    expect(lastObject(train)).toMatchObject({ pictures: 18 });
  });

  it("are divided within train if no other split has classes", async () => {
    const flat = join(folder, "flat-val");
    await cp(join(parts, "train"), join(flat, "train"), { recursive: true });
    await cp(join(parts, "val/red"), join(flat, "val"), { recursive: true });
    const result = lastObject(await knn(flat, "--json"));
    expect(result).toMatchObject({ protocol: { splits: null, train: 17, test: 18, classes: 3 } });
    expect(result).toMatchObject({
      notes: [expect.stringContaining("only train/ can be used: the others have no classes")],
    });
  });
});

describe("evaluate", () => {
  it("does not count a class whose pictures are all broken", async () => {
    const broken = join(folder, "broken");
    await cp(pictures, broken, { recursive: true });
    await mkdir(join(broken, "dead"));
    await writeFile(join(broken, "dead/a.png"), "x");
    expect((await knn(broken)).stdout).toContain("18 pictures of 3 classes, 1 picture skipped\n");
  });

  it("says that classes with one picture each cannot be tested", async () => {
    const single = await makePictures(join(folder, "single"), { perClass: 1, size: 16 });
    const finished = await knn(single);
    expect(finished).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/every class has only one picture/),
    });
  });
});

describe("a name with escape codes", () => {
  it("is escaped on the terminal, and exact in data", async () => {
    const odd = join(folder, "odd");
    await cp(pictures, odd, { recursive: true });
    await writeFile(join(odd, "red", ESCAPE), "x");
    const finished = await call("embed", run, odd, "--out", join(folder, "odd.npy"), "--json");
    expect(finished.stderr).toContain("red/\\x1b]0;title\\x07bad.png");
    expect(finished.stderr).not.toContain("\x1b");
    expect(lastObject(finished)).toMatchObject({ skippedPictures: [{ path: `red/${ESCAPE}` }] });
    const missing = await call("embed", run, join(folder, ESCAPE), "--out", "x.npy");
    expect(missing.stderr).toMatch(/cannot be read .*\\x1b\]0;title/);
    expect(missing.stderr).not.toContain("\x1b");
  });
});

describe("a run folder", () => {
  it("among the pictures is ignored, so the run can be resumed", async () => {
    const own = join(folder, "own");
    await cp(pictures, own, { recursive: true });
    const out = join(own, "runs/mine");
    const words = ["pretrain", own, "--out", out, "--threads", "1", "--json"];
    expect((await call(...words, ...TINY)).status).toBe(0);
    await cp(join(own, "red/0.png"), join(out, "picture.png"));
    const resumed = await call(...words, "--resume", "--epochs", "2");
    expect(lastObject(resumed)).toMatchObject({ config: { data: { pictures: 18 } } });
    expect(resumed.stderr).toContain("note: ignored a run folder: runs/mine\n");
  });

  it("lists the pictures that are skipped now, and not earlier ones", async () => {
    const some = join(folder, "some");
    await cp(pictures, some, { recursive: true });
    await writeFile(join(some, "red/bad.png"), "x");
    const out = join(folder, "some-run");
    const words = ["pretrain", some, "--out", out, "--threads", "1"];
    await call(...words, ...TINY);
    expect(await readFile(join(out, "skipped.jsonl"), "utf8")).toContain("red/bad.png");
    await rm(join(some, "red/bad.png"));
    expect((await call(...words, "--resume", "--epochs", "2")).status).toBe(0);
    await expect(readFile(join(out, "skipped.jsonl"))).rejects.toThrow(/ENOENT/);
  });

  it("of pictures with any name can be used by the printed command", async () => {
    const name = '-it\'s \x1b[1m a "set"\n$HOME';
    await rename(await makePictures(join(folder, "named"), { perClass: 6, size: 16 }), join(folder, name));
    const main = join(import.meta.dirname, "../../dist/cli/main.js");
    const inFolder = (words: string) =>
      spawnSync(
        "sh",
        ["-c", `cd "${folder}" && ${words.replace("afterimage", `"${process.execPath}" "${main}"`)}`],
        {
          encoding: "utf8",
          env: { ...process.env, ...env },
        },
      );
    const finished = spawnSync(
      process.execPath,
      [main, "pretrain", `./${name}`, ...TINY, "--out", "named-run"],
      {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, ...env },
      },
    );
    const next = /^Next +(.*)$/m.exec(finished.stdout)![1]!;
    expect(next).not.toContain("\x1b");
    expect(inFolder(`${next} --protocol knn --json`)).toMatchObject({
      status: 0,
      stderr: expect.any(String),
    });
  });
});

it("--verify reads unchanged files again", async () => {
  const out = join(folder, "verified.npy");
  const verified = await call("embed", run, pictures, "--out", out, "--verify", "--json");
  expect(lastObject(verified)).toMatchObject({ pictures: 18, notes: [] });
});
