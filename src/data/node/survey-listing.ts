import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { medianOf, type PictureSurvey } from "../picture-survey.ts";
import { forFs } from "./byte-path.ts";
import type { Listing } from "./listing.ts";

/**
 * The number of headers that are read. They are spread evenly over the listing, so they are the same every
 * time.
 */
const SAMPLE = 64;
const AT_ONCE = 8;

/** Counts the pictures of a listing and reads the headers of some of them. Nothing is decoded. */
export async function surveyListing({ pictures }: Pick<Listing, "pictures">): Promise<PictureSurvey> {
  const count = Math.min(SAMPLE, pictures.length);
  const sample = Array.from(
    { length: count },
    (_, i) => pictures[Math.floor((i * pictures.length) / count)]!,
  );
  const sides: number[] = [];
  for (let start = 0; start < count; start += AT_ONCE) {
    const some = await Promise.all(sample.slice(start, start + AT_ONCE).map(({ path }) => sideOf(path)));
    sides.push(...some.filter((side) => side !== null));
  }
  return { pictures: pictures.length, side: medianOf(sides) };
}

/** The shorter side in pixels; infinity for a drawing; null if it is no picture. */
async function sideOf(path: Listing["pictures"][number]["path"]): Promise<number | null> {
  try {
    const { format, width, height } = await sharp(await readFile(forFs(path))).metadata();
    return format === "svg" ? Number.POSITIVE_INFINITY : Math.min(width, height);
  } catch {
    return null;
  }
}
