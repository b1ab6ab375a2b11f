import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embed } from "../../src/jobs/embed.ts";
import { type PretrainOptions, pretrain } from "../../src/jobs/pretrain.ts";
import { decodeModel } from "../../src/onnx/model.ts";
import { TINY, TINY_SIMCLR } from "../support/tiny-run.ts";

let folder: string;
const pictures = () => join(folder, "pictures");
const options = (out: string, more: Partial<PretrainOptions> = {}): PretrainOptions => ({
  ...TINY,
  ...TINY_SIMCLR,
  pictures: pictures(),
  out: join(folder, out),
  cacheDir: join(folder, "cache"),
  threads: 1,
  epochs: 1,
  ...more,
});
const noteOn = (background: string) => expect.stringContaining(`composited on ${background}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-background-"));
  await mkdir(pictures());
  for (let i = 0; i < 16; i++) {
    const circle = `<circle cx="${6 + i}" cy="12" r="${3 + (i % 5)}" fill="#fff"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">${circle}</svg>`;
    await writeFile(join(pictures(), `${i}.png`), await sharp(Buffer.from(svg)).png().toBuffer());
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("makes white drawings visible, keeps the choice with the run, and embeds with it", async () => {
  const { config, notes, encoder, run } = await pretrain(options("auto"));
  expect(config.background).toBe("auto");
  expect(notes).toContainEqual(noteOn("black"));
  expect(decodeModel(await readFile(encoder!)).metadata).toMatchObject({ background: "auto" });
  const out = join(folder, "features.npy");
  const same = { run, pictures: pictures(), out, cacheDir: join(folder, "cache"), threads: 1 };
  expect((await embed(same)).notes).toContainEqual(noteOn("black"));
  expect((await embed({ ...same, background: "white" })).notes).toEqual([
    "transparent pictures are composited on #ffffff, but the run was trained with auto",
    expect.stringContaining("16 pictures are a single colour once decoded"),
    expect.stringContaining("15 pictures have the same pixels"),
  ]);
});

it("composites transparency on the chosen colour, and resumes only with that colour", async () => {
  const { config, notes, run } = await pretrain(options("grey", { background: "grey" }));
  expect(config.background).toBe("#808080");
  expect(notes.join()).not.toContain("composited on");
  const resumed = (background?: string) =>
    pretrain(options("grey", { resume: true, epochs: 2, ...(background && { background }) }));
  await expect(resumed("white")).rejects.toThrow(/`background` "#808080"; got "#ffffff"/);
  expect((await resumed("#808080")).interrupted).toBe(false);
  // An older run, without this option, has a white background.
  const path = join(run, "config.json");
  const { background: _, ...old } = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify(old));
  await expect(resumed("grey")).rejects.toThrow(/`background` "#ffffff"; got "#808080"/);
});

it("names the pictures as the cause if they are all equal, in place of advice about the training", async () => {
  const { epochs, notes } = await pretrain(options("white", { background: "white" }));
  expect(notes).toContainEqual(
    expect.stringContaining("16 pictures are a single colour once decoded (0.png, 1.png"),
  );
  expect(epochs[0]!.warning).toMatch(
    /this is collapse\. Check the pictures first: 16 of 16 are a single colour/,
  );
  expect(epochs[0]!.warning).not.toContain("learning rate");
});

it("refuses a text that is no colour", async () => {
  await expect(pretrain(options("no", { background: "reddish" }))).rejects.toThrow(
    /auto, white, black, grey, or/,
  );
});
