/**
 * A run on a disk that fills up, and a run that is paused. The disk is a file system in memory, which only an
 * administrator may make; otherwise the test is skipped.
 */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterimage, makePictures } from "./support.ts";

let folder: string;
let pictures: string;
let disk: string;
let whole: Buffer;

const mount = (...words: string[]) => spawnSync("mount", words).status === 0;
const canMount = process.platform === "linux" && probeMount();

function probeMount(): boolean {
  const place = spawnSync("mktemp", ["-d"], { encoding: "utf8" }).stdout.trim();
  const works = mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", place);
  if (works) spawnSync("umount", [place]);
  spawnSync("rmdir", [place]);
  return works;
}

const TINY = ["--image-size", "16", "--width", "0.125", "--batch-size", "8", "--epochs", "3"];
const HERE = ["--threads", "1", "--json"];

function pretrain(out: string, words: readonly string[], options = {}) {
  const env = { AFTERIMAGE_CACHE: join(folder, "cache") };
  return afterimage(["pretrain", pictures, "--out", out, ...words, ...HERE], { env, ...options });
}

/** Fills the disk after the first epoch, while the process is paused. */
function fillOnce(filler: string) {
  let filled = false;
  return (text: string, kill: (signal: NodeJS.Signals) => void) => {
    if (filled || !text.includes("epoch 1/3:")) return;
    filled = true;
    kill("SIGSTOP");
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]);
    kill("SIGCONT");
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-disk-"));
  pictures = await makePictures(join(folder, "pictures"), { size: 16 });
  disk = join(folder, "disk");
  await mkdir(disk);
  expect((await pretrain(join(folder, "whole"), TINY)).status).toBe(0);
  whole = await readFile(join(folder, "whole/encoder.onnx"));
}, 60_000);
afterAll(async () => {
  if (canMount) spawnSync("umount", [disk]);
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!canMount)("a disk that fills up", () => {
  it("while checkpoints are written ends the run with a sentence and nothing half-written, and the run continues with room", async () => {
    expect(mount("-t", "tmpfs", "-o", "size=32m", "tmpfs", disk)).toBe(true);
    const out = join(disk, "run");
    const filler = join(disk, "filler");
    const stopped = await pretrain(out, TINY, { onError: fillOnce(filler) });
    expect(stopped.status).toBe(1);
    expect(stopped.stderr).toMatch(/cannot be written \(.*checkpoints.*the disk is full.*--resume/);
    expect(stopped.stderr).not.toMatch(/\n\s+at /);
    const left = await readdir(out, { recursive: true });
    expect(left.filter((name) => name.includes("partial"))).toEqual([]);
    await rm(filler);
    expect((await pretrain(out, ["--resume"])).status).toBe(0);
    expect((await readFile(join(out, "encoder.onnx"))).equals(whole)).toBe(true);
  });

  it("without room for checkpoints is found before the run", async () => {
    spawnSync("umount", [disk]);
    expect(mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", disk)).toBe(true);
    const refused = await pretrain(join(disk, "run"), TINY);
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/no room for the checkpoints and the encoder .*MB free; got \d MB/),
    });
    expect(await readdir(join(disk, "run"))).toEqual([]);
  });

  it("without room for the picture cache is found before the run", async () => {
    spawnSync("umount", [disk]);
    expect(mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", disk)).toBe(true);
    const env = { AFTERIMAGE_CACHE: join(disk, "cache") };
    const refused = await pretrain(join(folder, "uncached"), TINY, { env });
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/no room for the picture cache/),
    });
  });
});

it.skipIf(process.platform === "win32")("a paused process continues as if nothing had happened", async () => {
  const out = join(folder, "paused");
  let paused = false;
  const onError = (text: string, kill: (signal: NodeJS.Signals) => void) => {
    if (paused || !text.includes("epoch 1/")) return;
    paused = true;
    kill("SIGSTOP");
    setTimeout(() => kill("SIGCONT"), 1500);
  };
  expect((await pretrain(out, TINY, { onError })).status).toBe(0);
  expect(paused).toBe(true);
  expect((await readFile(join(out, "encoder.onnx"))).equals(whole)).toBe(true);
});
