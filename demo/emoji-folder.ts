/**
 * The embedded emoji as a folder of PNG files, `<folder>/<category>/<artist>/<name>.png`. The demo reads it
 * like any user's folder: its first level are classes, which kNN uses and training does not. The folder is
 * written beside its place and renamed, so it is complete or absent.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { AfterimageError } from "afterimage";
import sharp from "sharp";
import { type EmojiProgress, emojiSvg, forEachAtOnce, sharedNames } from "./emoji.ts";
import { ARTISTS, type Artist, type EmojiIcon, emojiVersions, listEmoji } from "./emoji-icons.ts";

export interface EmojiFolder {
  folder: string;
  /** Pictures of each artist, whether or not the others drew the same. */
  counts: Record<Artist, number>;
  /** False if the folder existed and was reused. */
  written: boolean;
}

export interface EmojiFolderOptions {
  /** Side of a picture in pixels. */
  size: number;
  /** The icons to draw. Default: all. */
  icons?: readonly EmojiIcon[];
  onProgress?: EmojiProgress;
}

/** The facts from which the folder was made, in a file whose name is no picture's. */
const RECIPE = ".emoji.json";

/**
 * Makes a folder with every emoji of every artist, as PNGs of `size` by `size` pixels on white.
 *
 * A complete folder with the same size and package versions is reused. An older or damaged one is replaced.
 *
 * @throws AfterimageError `usage/value` if the folder contains anything else. It is not changed then.
 */
export async function writeEmojiFolder(
  folder: string,
  { size, icons, onProgress }: EmojiFolderOptions,
): Promise<EmojiFolder> {
  const drawn = icons ?? (await listEmoji()).icons;
  const counts = countIcons(drawn);
  const recipe = JSON.stringify({ size, background: "#ffffff", counts, packages: await emojiVersions() });
  if (await isWhole(folder, recipe, counts)) return { folder, counts, written: false };
  await refuseForeign(folder);

  const partial = `${folder}.partial-${process.pid}`;
  try {
    await rm(partial, { recursive: true, force: true });
    await writePictures(partial, drawn, size, onProgress);
    await writeFile(path.join(partial, RECIPE), recipe);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder).catch(async (error: unknown) => {
      // Another process may have been faster. Its folder is as good as this one.
      if (!(await isWhole(folder, recipe, counts))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return { folder, counts, written: true };
}

async function writePictures(
  folder: string,
  icons: readonly EmojiIcon[],
  size: number,
  onProgress: EmojiProgress | undefined,
): Promise<void> {
  const folders = new Set(icons.map((icon) => path.dirname(emojiFile(icon))));
  for (const inner of folders) await mkdir(path.join(folder, inner), { recursive: true });
  let done = 0;
  await forEachAtOnce(icons.length, async (i) => {
    const icon = icons[i]!;
    const file = path.join(folder, emojiFile(icon));
    await sharp(emojiSvg(icon, size)).flatten({ background: "#ffffff" }).png().toFile(file);
    onProgress?.(++done, icons.length);
  });
}

/** The path of an emoji in the folder, with forward slashes: `food-drink/noto/red-apple.png`. */
export function emojiFile({ category, artist, name }: EmojiIcon): string {
  const inWords = category
    .toLowerCase()
    .match(/[a-z]+/g)!
    .join("-");
  return `${inWords}/${artist}/${name}.png`;
}

function countIcons(icons: readonly EmojiIcon[]): Record<Artist, number> {
  const count = (artist: Artist) => icons.filter((icon) => icon.artist === artist).length;
  return Object.fromEntries(ARTISTS.map((artist) => [artist, count(artist)])) as Record<Artist, number>;
}

async function isWhole(folder: string, recipe: string, counts: Record<Artist, number>): Promise<boolean> {
  try {
    if ((await readFile(path.join(folder, RECIPE), "utf8")) !== recipe) return false;
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".png"));
    return ARTISTS.every(
      (artist) => files.filter((file) => artistOf(file) === artist).length === counts[artist],
    );
  } catch {
    return false;
  }
}

async function refuseForeign(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((): string[] => []);
  if (entries.length === 0 || entries.includes(RECIPE)) return;
  throw new AfterimageError("usage/value", {
    what: "the folder for the emoji pictures holds something else",
    where: folder,
    expected: "a folder that is missing, empty, or made by this program",
    got: `${entries.length} entries, among them ${entries[0]}`,
    todo: "Give another folder.",
  });
}

/** Finds the emoji that all artists drew in a listing of the folder. */
export function matchArtists(files: readonly string[]): { names: string[]; rows: Record<Artist, number[]> } {
  return sharedNames(
    files.map((file) => ({
      artist: artistOf(file) as Artist,
      name: file
        .split(/[\\/]/)
        .at(-1)!
        .replace(/\.png$/, ""),
    })),
  );
}

function artistOf(file: string): string | undefined {
  return file.split(/[\\/]/).at(-2);
}
