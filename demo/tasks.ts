/**
 * The two tasks of the demo, for any encoder of pictures.
 *
 * Copy detection: an edited copy of each picture searches for its original among all pictures. Retrieval
 * across artists: each emoji that all three artists drew searches for the same emoji among another artist's
 * drawings. The two directions of a pair are averaged.
 */
import type { PictureDataset } from "afterimage";
import { type Matrix, memoryDataset } from "afterimage/data";
import { type Metric, nearest, pairedRetrieval, pickRows } from "afterimage/evaluate";
import { makeEdits } from "./copy-edits.ts";
import { matchArtists } from "./emoji-folder.ts";
import { ARTISTS, type Artist } from "./emoji-icons.ts";

export const PAIRS: readonly (readonly [Artist, Artist])[] = [
  [ARTISTS[0], ARTISTS[1]],
  [ARTISTS[0], ARTISTS[2]],
  [ARTISTS[1], ARTISTS[2]],
];

export interface Tasks {
  originals: PictureDataset;
  copies: PictureDataset;
  /** Rows of each artist's drawings of the shared emoji, in the order of `names`. */
  rows: Record<Artist, number[]>;
  names: string[];
}

/** Features of originals and copies by one encoder. */
export interface Features {
  originals: Matrix;
  copies: Matrix;
  metric: Metric;
}

export interface Recalls {
  at1: number;
  at5: number;
}

export interface TaskScores {
  copies: Recalls;
  /** In the order of {@link PAIRS}. */
  artists: Recalls[];
}

/** Makes the tasks on whole canvases. The copies are edited with `seed`. */
export async function poseTasks(originals: PictureDataset, seed: number): Promise<Tasks> {
  const pictures = new Uint8Array(originals.size * 3 * originals.canvas ** 2);
  await originals.readBatch(Array.from(originals.names.keys()), pictures);
  const edited = makeEdits(pictures, { seed, size: originals.canvas });
  const copies = memoryDataset({ canvas: originals.canvas, pictures: edited, names: originals.names });
  const { names, rows } = matchArtists([...originals.names]);
  return { originals, copies, rows, names };
}

export async function scoreTasks(tasks: Tasks, features: Features, threads: number): Promise<TaskScores> {
  return {
    copies: await scoreCopies(features, threads),
    artists: await scoreArtists(tasks, features, threads),
  };
}

/** Copy n searches for original n among all originals. */
export async function scoreCopies(
  { originals, copies, metric }: Features,
  threads: number,
): Promise<Recalls> {
  return recalls(copies, originals, metric, threads);
}

/** Recalls in the order of {@link PAIRS}, averaged over both directions of a pair. */
export async function scoreArtists(
  { rows }: Pick<Tasks, "rows">,
  { originals, metric }: Pick<Features, "originals" | "metric">,
  threads: number,
): Promise<Recalls[]> {
  const artists: Recalls[] = [];
  for (const [a, b] of PAIRS) {
    const [there, back] = [pickRows(originals, rows[a]), pickRows(originals, rows[b])];
    artists.push(
      meanOf([await recalls(there, back, metric, threads), await recalls(back, there, metric, threads)]),
    );
  }
  return artists;
}

/** The k nearest gallery rows of each query. */
export async function neighboursOf(
  queries: Matrix,
  gallery: Matrix,
  { k, metric, threads }: { k: number; metric: Metric; threads: number },
): Promise<Int32Array[]> {
  const { indices } = await nearest({ queries, gallery, k, metric, threads });
  return Array.from({ length: queries.rows }, (_, row) => indices.subarray(row * k, (row + 1) * k));
}

/** Query n searches for row n of the gallery. */
async function recalls(queries: Matrix, gallery: Matrix, metric: Metric, threads: number): Promise<Recalls> {
  const relevant = Array.from({ length: queries.rows }, (_, i) => i);
  const { recall } = await pairedRetrieval({ queries, gallery, relevant, ks: [1, 5], metric, threads });
  return { at1: recall.get(1)!, at5: recall.get(5)! };
}

export function meanOf(all: readonly Recalls[]): Recalls {
  const mean = (of: (recalls: Recalls) => number) =>
    all.reduce((sum, each) => sum + of(each), 0) / all.length;
  return { at1: mean(({ at1 }) => at1), at5: mean(({ at5 }) => at5) };
}
