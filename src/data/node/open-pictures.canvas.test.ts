import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PictureSurvey } from "../picture-survey.ts";
import { openPictures } from "./open-pictures.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-survey-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function picture(name: string, width: number, height: number): Promise<void> {
  const path = join(folder, "pictures", name);
  await mkdir(join(path, ".."), { recursive: true });
  const noise = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 251));
  await sharp(noise, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

/** The survey from which a canvas may be chosen, and the canvas that was chosen. */
async function surveyOf(path: string, split?: "train" | "val" | "all") {
  const surveys: PictureSurvey[] = [];
  const dataset = await openPictures(path, {
    canvas: (survey) => {
      surveys.push(survey);
      return 20;
    },
    cacheDir: join(folder, "cache"),
    ...(split === undefined ? {} : { split }),
  });
  const { canvas, size } = dataset;
  await dataset.close();
  expect(surveys).toHaveLength(1);
  return { ...surveys[0]!, canvas, size };
}

describe("a canvas that follows from the pictures", () => {
  test("is told how many they are and the median of their shorter sides", async () => {
    await picture("a.png", 40, 30);
    await picture("b.png", 50, 90);
    await picture("c.png", 400, 300);
    expect(await surveyOf(join(folder, "pictures"))).toEqual({ pictures: 3, side: 50, canvas: 20, size: 3 });
  });

  test("does not count on files that are no pictures, and takes a drawing for as large as any", async () => {
    await picture("a.png", 40, 30);
    await writeFile(join(folder, "pictures", "broken.png"), "not a picture");
    const drawing =
      '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><rect width="3" height="3"/></svg>';
    for (const name of ["x.svg", "y.svg"]) await writeFile(join(folder, "pictures", name), drawing);
    const survey = await surveyOf(join(folder, "pictures"));
    expect(survey).toMatchObject({ pictures: 4, side: Number.POSITIVE_INFINITY });
  });

  test("is told of the part that is opened, or of all", async () => {
    for (const [i, side] of [20, 22, 24].entries()) await picture(`train/cat/${i}.png`, side, side);
    await picture("val/cat/0.png", 90, 90);
    expect(await surveyOf(join(folder, "pictures"))).toMatchObject({ pictures: 3, side: 22 });
    expect(await surveyOf(join(folder, "pictures"), "all")).toMatchObject({ pictures: 4 });
  });

  test("knows the size of pictures in one file", async () => {
    const header = Buffer.alloc(16);
    [0x00000803, 6, 14, 10].forEach((value, i) => {
      header.writeUInt32BE(value, 4 * i);
    });
    const path = join(folder, "train-images-idx3-ubyte");
    await writeFile(path, Buffer.concat([header, Buffer.alloc(6 * 14 * 10, 7)]));
    expect(await surveyOf(folder)).toMatchObject({ pictures: 6, side: 10 });
  });
});
