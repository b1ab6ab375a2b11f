/**
 * Draws the embedded emoji as square RGB pictures on white.
 *
 * An SVG is drawn directly at the wanted size (librsvg, through sharp), never drawn large and scaled down. A
 * drawing that is not square is centred. Channels are planar uint8, as in the packed cache.
 */
import sharp from "sharp";
import { ARTISTS, type Artist, type EmojiIcon, listEmoji } from "./emoji-icons.ts";

/** The emoji that all three artists drew, in the same order for each. N names, pictures S by S. */
export interface EmojiSets {
  /** N names in alphabetical order. */
  names: string[];
  /** One for each name, nine different in all: "Animals & Nature". */
  categories: string[];
  artists: readonly Artist[];
  size: number;
  /** For each artist [N, 3, S, S], uint8, on white. */
  pictures: Uint8Array[];
  /** For each artist [N, S, S], uint8, 255 where the drawing covers the pixel; empty unless asked for. */
  masks: Uint8Array[];
}

/** Called as drawing proceeds: `done` of `total` pictures are drawn. */
export type EmojiProgress = (done: number, total: number) => void;

export interface DrawOptions {
  /** Side of a picture in pixels. */
  size: number;
  /** Whether to return the masks of covered pixels too. */
  masks?: boolean;
  onProgress?: EmojiProgress | undefined;
}

/** Draws every emoji that all three artists have: about 4,800 pictures, a millisecond each. */
export async function renderEmoji(options: DrawOptions): Promise<EmojiSets> {
  const { icons } = await listEmoji();
  const { names, rows } = sharedNames(icons);
  const shared = ARTISTS.flatMap((artist) => rows[artist].map((row) => icons[row]!));
  const { pictures, masks } = await drawEmoji(shared, options);
  const split = (all: Uint8Array) =>
    ARTISTS.map((_, a) =>
      all.subarray((a * all.length) / ARTISTS.length, ((a + 1) * all.length) / ARTISTS.length),
    );
  return {
    names,
    categories: shared.slice(0, names.length).map(({ category }) => category),
    artists: ARTISTS,
    size: options.size,
    pictures: split(pictures),
    masks: options.masks ? split(masks) : [],
  };
}

/** The names that every artist drew, in alphabetical order, and for each artist the index of each name. */
export function sharedNames(icons: readonly Pick<EmojiIcon, "artist" | "name">[]): {
  names: string[];
  rows: Record<Artist, number[]>;
} {
  const index = new Map(icons.map(({ artist, name }, row) => [`${artist}/${name}`, row]));
  const candidates = icons.filter(({ artist }) => artist === ARTISTS[0]).map(({ name }) => name);
  const names = candidates.filter((name) => ARTISTS.every((artist) => index.has(`${artist}/${name}`))).sort();
  const rows = ARTISTS.map((artist) => [artist, names.map((name) => index.get(`${artist}/${name}`)!)]);
  return { names, rows: Object.fromEntries(rows) as Record<Artist, number[]> };
}

/**
 * Draws the given icons.
 *
 * @returns `pictures` [N, 3, S, S] on white, and `masks` [N, S, S], of length 0 unless asked for.
 */
export async function drawEmoji(
  icons: readonly EmojiIcon[],
  { size, masks: wantMasks = false, onProgress }: DrawOptions,
): Promise<{ pictures: Uint8Array; masks: Uint8Array }> {
  const plane = size * size;
  const pictures = new Uint8Array(icons.length * 3 * plane);
  const masks = new Uint8Array(wantMasks ? icons.length * plane : 0);
  let done = 0;
  await forEachAtOnce(icons.length, async (n) => {
    // interleaved [S, S, 4], colours not multiplied by alpha
    const rgba = await sharp(emojiSvg(icons[n]!, size)).ensureAlpha().raw().toBuffer();
    putPicture(rgba, pictures.subarray(n * 3 * plane, (n + 1) * 3 * plane));
    if (wantMasks) for (let i = 0; i < plane; i++) masks[n * plane + i] = rgba[4 * i + 3]!;
    onProgress?.(++done, icons.length);
  });
  return { pictures, masks };
}

/** The whole SVG of an icon, `size` pixels wide and high, its drawing centred. */
export function emojiSvg({ body, width, height }: EmojiIcon, size: number): Buffer {
  const names = `xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"`;
  return Buffer.from(
    `<svg ${names} width="${size}" height="${size}" viewBox="0 0 ${width} ${height}">${body}</svg>`,
  );
}

/** [S, S, 4] to [3, S, S] on white: c' = 255 + (c - 255) alpha / 255. */
function putPicture(rgba: Uint8Array, picture: Uint8Array): void {
  const plane = picture.length / 3;
  for (let i = 0; i < plane; i++) {
    const alpha = rgba[4 * i + 3]! / 255;
    for (let c = 0; c < 3; c++) {
      picture[c * plane + i] = Math.round(255 + (rgba[4 * i + c]! - 255) * alpha);
    }
  }
}

/**
 * Calls `work` for 0 to `count` - 1, a few at a time, which keeps sharp's threads busy. After a failure it
 * starts no more, and the promise is rejected only when everything has ended.
 */
export async function forEachAtOnce(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      await work(next++).catch((error: unknown) => {
        next = count;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: 8 }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
