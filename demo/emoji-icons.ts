/**
 * The embedded pictures before they are drawn: the list of emoji, their artists, and their SVG.
 *
 * Noto (Google, Apache-2.0), Twemoji (Twitter and others, CC-BY-4.0) and Fluent flat (Microsoft, MIT) draw
 * the same Unicode emoji. Two drawings belong together if their code points are equal. The artists' own names
 * differ in 33 cases (Noto's "elf" is Fluent's "person-elf"). Here every emoji has one name, Noto's or
 * Twemoji's, which agree if both have it.
 *
 * These are left out, so that no picture occurs twice:
 *   skin tones    code points U+1F3FB to U+1F3FF: recoloured copies of some 340 people and hands
 *   aliases       further names of a drawing, or its mirror image, and the names kept for old users
 *   duplicates    one drawing with several code points (Twemoji's flags of Norway and of Svalbard, its 30
 *                 families drawn as 4 signs, Noto's three astronauts): the shortest name is kept
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

export const ARTISTS = ["noto", "twemoji", "fluent-emoji-flat"] as const;
export type Artist = (typeof ARTISTS)[number];

/** One drawing. `body` is the inside of an SVG whose view box is `0 0 width height`. */
export interface EmojiIcon {
  artist: Artist;
  /** Kebab-case, the same for all artists: "red-apple". */
  name: string;
  /** "Animals & Nature", "Food & Drink" and so on: nine of them. */
  category: string;
  body: string;
  width: number;
  height: number;
}

/** Numbers of an artist's drawings that are left out, by the reason. */
export interface EmojiDropped {
  skinTones: number;
  duplicates: number;
}

/** The parts of Iconify's `icons.json` that are used here. */
interface IconSet {
  icons: Record<string, { body: string; width?: number; height?: number }>;
  width: number;
  height: number;
}

const require = createRequire(import.meta.url);

async function readPackageFile<T>(artist: Artist, file: string): Promise<T> {
  return JSON.parse(await readFile(require.resolve(`@iconify-json/${artist}/${file}`), "utf8")) as T;
}

/**
 * The installed version of each artist's package, such as `noto@1.2.9`. Kept drawings need these beside them.
 */
export function emojiVersions(): Promise<string[]> {
  return Promise.all(
    ARTISTS.map(async (artist) => {
      const { version } = await readPackageFile<{ version: string }>(artist, "package.json");
      return `${artist}@${version}`;
    }),
  );
}

const SKIN_TONE = /1f3f[b-f]/;

/**
 * Keeps one icon of each drawing: the one with the shortest name, or the first in the alphabet of several.
 */
function withoutDuplicates(icons: readonly EmojiIcon[]): EmojiIcon[] {
  const kept = new Map<string, EmojiIcon>();
  const byLength = (a: EmojiIcon, b: EmojiIcon) => a.name.length - b.name.length || compare(a.name, b.name);
  for (const icon of icons.toSorted(byLength)) if (!kept.has(icon.body)) kept.set(icon.body, icon);
  return [...kept.values()].toSorted((a, b) => compare(a.name, b.name));
}

/** The order by UTF-16 units, which does not depend on the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface ArtistFiles {
  artist: Artist;
  set: IconSet;
  /** Code points, as "1f468-200d-1f3a8", to the artist's name of the icon. */
  chars: Record<string, string>;
  categories: Map<string, string>;
}

async function readArtist(artist: Artist): Promise<ArtistFiles> {
  const [set, chars, metadata] = await Promise.all([
    readPackageFile<IconSet>(artist, "icons.json"),
    readPackageFile<Record<string, string>>(artist, "chars.json"),
    readPackageFile<{ categories: Record<string, string[]> }>(artist, "metadata.json"),
  ]);
  const categories = new Map<string, string>();
  for (const [category, names] of Object.entries(metadata.categories))
    for (const name of names) categories.set(name, category);
  return { artist, set, chars, categories };
}

function iconsOf(
  { artist, set, chars, categories }: ArtistFiles,
  commonName: (codePoints: string) => string,
): { icons: EmojiIcon[]; dropped: EmojiDropped } {
  const plain = Object.entries(chars).filter(([codePoints]) => !SKIN_TONE.test(codePoints));
  const icons = plain.map(([codePoints, own]) => {
    const { body, width = set.width, height = set.height } = set.icons[own]!;
    return { artist, name: commonName(codePoints), category: categories.get(own)!, body, width, height };
  });
  const kept = withoutDuplicates(icons);
  const dropped = {
    skinTones: Object.keys(chars).length - plain.length,
    duplicates: icons.length - kept.length,
  };
  return { icons: kept, dropped };
}

/**
 * Every drawing, by artist in the order of `ARTISTS` and then by name, and the numbers left out of each set.
 */
export async function listEmoji(): Promise<{ icons: EmojiIcon[]; dropped: Record<Artist, EmojiDropped> }> {
  const files = await Promise.all(ARTISTS.map(readArtist));
  const commonName = (codePoints: string) =>
    files.map((file) => file.chars[codePoints]).find((name) => name !== undefined)!;
  const lists = files.map((file) => iconsOf(file, commonName));
  const dropped = Object.fromEntries(lists.map((list, i) => [ARTISTS[i]!, list.dropped]));
  return { icons: lists.flatMap((list) => list.icons), dropped: dropped as Record<Artist, EmojiDropped> };
}
