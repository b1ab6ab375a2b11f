/** Finds pictures that are near-copies of others: resized, compressed again, or cropped by a little. */
import { contentHash } from "../data/content-hash.ts";
import type { PictureStack } from "../data/shrink.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import {
  align,
  blurred,
  type Placement,
  type Planes,
  place,
  UNMOVED,
  unlikeness,
} from "./align-thumbnails.ts";
import { nearest } from "./nearest.ts";

/** Height and width of the thumbnails that are compared. */
export const THUMBNAIL_SIDE = 32;
/** Thumbnails are first compared at half the side. */
const COARSE_SIDE = THUMBNAIL_SIDE / 2;
/**
 * The candidates for each picture: those most like it before anything is moved, and at least this like it.
 */
const CANDIDATES = 8;
const LEAST_LIKE = 0.7;
/** The unlikeness of grey coarse thumbnails, once moved, above which two are not compared further. */
const MOST_UNLIKE_COARSE = 0.08;
/**
 * The unlikeness of near-copies. With it all emoji at 64 pixels are found that are halved, 98 % that are
 * compressed (JPEG 75) and 9 of 10 of which two pixels are cropped on all sides; of photographs at 150 pixels
 * 99 % that are halved or compressed, and 91 % that are cropped. Of 5,185 different emoji 2 % have a
 * near-copy, mostly with a reason (a man and a woman in one costume), and 2 pairs of 406 photographs.
 */
const MOST_UNLIKE = 0.006;
/** What the first step may leave unexplained, before anything is moved. */
const HOPELESS = 0.3;
/** The same for fine thumbnails, which start from the placement of the coarse ones. */
const HOPELESS_FINE = 0.03;

export interface NearCopiesOptions {
  threads?: number;
}

/**
 * Pairs of pictures that are near-copies of each other. Equal thumbnails are. Others are compared if each is
 * among the 8 most like the other (cosine of 16 × 16 colour pixels without their mean). One is shifted and
 * stretched over the other by up to a tenth of the side; near-copies are those of which less than .6 % of the
 * variance then differs. Rotated and mirrored pictures are not found.
 *
 * Time is that of the nearest neighbours, plus up to 4 comparisons for each picture. Memory is 3 kB for each
 * picture besides the thumbnails.
 *
 * @param pictures thumbnails of side {@link THUMBNAIL_SIDE} in three channels.
 * @returns pairs of places, the smaller first, each once.
 * @throws AfterimageError `evaluate/shape` for thumbnails of another size.
 */
export async function findNearCopies(
  pictures: PictureStack,
  { threads = 0 }: NearCopiesOptions = {},
): Promise<[number, number][]> {
  requireThumbnails(pictures);
  const { firsts, copies } = groupEquals(pictures);
  if (firsts.length < 2) return copies;
  const coarse = coarseRows(pictures, firsts);
  const k = Math.min(CANDIDATES, firsts.length - 1);
  const { indices, scores } = await nearest({
    queries: coarse,
    gallery: coarse,
    k,
    excludeSelf: true,
    threads,
  });
  const pairs = mutualPairs(indices, scores, k);
  const thumbnailAt = (row: number) => thumbnailOf(pictures, firsts[row]!, coarse, row);
  const found = nearCopies(pairs, thumbnailAt);
  return [...copies, ...found.map(([a, b]): [number, number] => [firsts[a]!, firsts[b]!])];
}

/** Rows that are each among the `k` nearest of the other, and like it enough; the smaller first. */
function mutualPairs(indices: Int32Array, scores: Float32Array, k: number): [number, number][] {
  const once = new Set<number>();
  const rows = indices.length / k;
  const pairs: [number, number][] = [];
  for (let at = 0; at < indices.length; at++) {
    if (scores[at]! < LEAST_LIKE) continue;
    const [row, other] = [Math.floor(at / k), indices[at]!];
    const pair: [number, number] = [Math.min(row, other), Math.max(row, other)];
    const key = pair[0] * rows + pair[1];
    if (once.has(key)) pairs.push(pair);
    else once.add(key);
  }
  return pairs;
}

/** The first place of each different thumbnail, and a pair of it with every equal one. */
function groupEquals(pictures: PictureStack): { firsts: number[]; copies: [number, number][] } {
  const seen = new Map<string, number>();
  const copies: [number, number][] = [];
  for (let at = 0; at < pictures.count; at++) {
    const hash = contentHash(pixelsOf(pictures, at));
    const first = seen.get(hash);
    if (first === undefined) seen.set(hash, at);
    else copies.push([first, at]);
  }
  return { firsts: [...seen.values()], copies };
}

/** Coarse thumbnails without their mean: `[N, 3 · 16²]`. */
function coarseRows(pictures: PictureStack, places: readonly number[]): Matrix {
  const cols = 3 * COARSE_SIDE ** 2;
  const data = new Float32Array(places.length * cols);
  for (const [row, at] of places.entries()) {
    const small = halved(planesOf(pictures, at)).data;
    const mean = small.reduce((sum, value) => sum + value, 0) / cols;
    for (let i = 0; i < cols; i++) data[row * cols + i] = small[i]! - mean;
  }
  return { rows: places.length, cols, data };
}

/** The pairs that are near-copies. Those of one picture are compared one after another. */
function nearCopies(pairs: [number, number][], thumbnailAt: (row: number) => Thumbnail): [number, number][] {
  let [at, own] = [-1, null as Thumbnail | null];
  return pairs
    .sort(([a, b], [c, d]) => a - c || b - d)
    .filter(([a, b]) => {
      if (own === null || at !== a) [at, own] = [a, thumbnailAt(a)];
      return areNearCopies(own, thumbnailAt(b));
    });
}

/** A thumbnail as it is compared: grey and coarse first, the rest if that is not too unlike. */
interface Thumbnail {
  coarse: Planes;
  /** Blurred, in colour and grey. */
  fine(): { colour: Planes; grey: Planes };
}

function thumbnailOf(pictures: PictureStack, at: number, coarse: Matrix, row: number): Thumbnail {
  const own = coarse.data.subarray(row * coarse.cols, (row + 1) * coarse.cols);
  let fine: ReturnType<Thumbnail["fine"]> | null = null;
  const makeFine = () => {
    const colour = blurred(planesOf(pictures, at));
    return { colour, grey: grey(colour) };
  };
  return {
    coarse: grey({ side: COARSE_SIDE, data: own }),
    fine: () => {
      fine ??= makeFine();
      return fine;
    },
  };
}

/** Either may be cropped from the other, so each is moved over the other one. */
function areNearCopies(a: Thumbnail, b: Thumbnail): boolean {
  return isMovedCopy(a, b) || isMovedCopy(b, a);
}

function isMovedCopy(from: Thumbnail, to: Thumbnail): boolean {
  const roughly = align(from.coarse, to.coarse, { start: UNMOVED, steps: 3, hopeless: HOPELESS });
  if (roughly === null) return false;
  if (unlikeness(place(from.coarse, roughly), to.coarse) > MOST_UNLIKE_COARSE) return false;
  const [source, target] = [from.fine(), to.fine()];
  const [a, b, c, d] = roughly;
  const start: Placement = [2 * a, 2 * b, 2 * c, 2 * d];
  const placement = align(source.grey, target.grey, { start, steps: 2, hopeless: HOPELESS_FINE });
  return placement !== null && unlikeness(place(source.colour, placement), target.colour) <= MOST_UNLIKE;
}

function pixelsOf({ pixels, channels, height, width }: PictureStack, at: number): Uint8Array {
  const size = channels * height * width;
  return pixels.subarray(at * size, (at + 1) * size);
}

/** In [0, 1]. */
function planesOf(pictures: PictureStack, at: number): Planes {
  const pixels = pixelsOf(pictures, at);
  const data = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) data[i] = pixels[i]! / 255;
  return { side: pictures.height, data };
}

/** The mean of three planes. */
function grey({ side, data }: Planes): Planes {
  const plane = side * side;
  const mean = new Float32Array(plane);
  for (let i = 0; i < plane; i++) mean[i] = (data[i]! + data[plane + i]! + data[2 * plane + i]!) / 3;
  return { side, data: mean };
}

/** Planes of half the side: means of 2 × 2 pixels. */
function halved({ side, data }: Planes): Planes {
  const half = side / 2;
  const out = new Float32Array(data.length / 4);
  for (let to = 0, row = 0; to < out.length; row += 2 * side) {
    for (let at = row; at < row + side; at += 2)
      out[to++] = (data[at]! + data[at + 1]! + data[at + side]! + data[at + side + 1]!) / 4;
  }
  return { side: half, data: out };
}

function requireThumbnails({ channels, height, width, count, pixels }: PictureStack): void {
  const isThumbnail = channels === 3 && height === THUMBNAIL_SIDE && width === THUMBNAIL_SIDE;
  if (isThumbnail && pixels.length === count * 3 * THUMBNAIL_SIDE ** 2) return;
  throw new AfterimageError("evaluate/shape", {
    what: "near-copies are found among thumbnails of one size",
    expected: `[N, 3, ${THUMBNAIL_SIDE}, ${THUMBNAIL_SIDE}]`,
    got: `${pixels.length} bytes for [${count}, ${channels}, ${height}, ${width}]`,
  });
}
