/** The demo's pictures to look at: queries with their neighbours, and the curves of training. */
import path from "node:path";
import { pickRows } from "afterimage/evaluate";
import { drawEdit } from "./copy-edits.ts";
import { applyEdit } from "./edit-pixels.ts";
import { drawEmoji } from "./emoji.ts";
import type { EmojiIcon } from "./emoji-icons.ts";
import { type GridPicture, type GridSection, neighbourGrid } from "./neighbour-grid.ts";
import { linePlot, PALETTE, type Point } from "./plot.ts";
import { writeSvgAndPng } from "./svg.ts";
import { type Features, neighboursOf, PAIRS, type TaskScores, type Tasks } from "./tasks.ts";
import { typicalQueries } from "./typical-queries.ts";

/** Side of a drawing in the grid, in pixels. */
const DRAWN = 96;
const QUERIES = 8;
const NEIGHBOURS = 4;

export interface Way {
  title: string;
  features: Features;
}

export interface GridOptions {
  /** The icon behind each row of the pictures. */
  icons: readonly EmojiIcon[];
  /** Chooses the queries. */
  seed: number;
  /** The seed with which the copies were edited. */
  editSeed: number;
  threads: number;
}

/** Draws the grid of both tasks for several encoders. Returns the path of the PNG. */
export async function drawGrid(
  out: string,
  tasks: Tasks,
  ways: readonly Way[],
  options: GridOptions,
): Promise<string> {
  const sections = [await copiesSection(tasks, ways, options), await artistsSection(tasks, ways, options)];
  const drawings = await drawAll(sections, options.icons);
  const svg = await neighbourGrid(
    "Which picture is this?",
    sections.map((section) => finished(section, drawings)),
  );
  return (await writeSvgAndPng(path.join(out, "neighbours"), svg)).png;
}

/** A section before its pictures are drawn. Everything is given by rows of the data set. */
interface Draft {
  title: string;
  note: string;
  queryRows: number[];
  correct: number[];
  columns: { title: string; neighbours: Int32Array[] }[];
  labels: string[];
  query(row: number, drawing: Uint8Array): GridPicture;
}

async function copiesSection(
  tasks: Tasks,
  ways: readonly Way[],
  { seed, editSeed, threads }: GridOptions,
): Promise<Draft> {
  const rows = Array.from({ length: tasks.originals.size }, (_, row) => row);
  const found: Found[] = [];
  for (const { title, features } of ways) {
    const { originals, copies, metric } = features;
    const neighbours = await neighboursOf(copies, originals, { k: NEIGHBOURS, metric, threads });
    found.push({ title, neighbours });
  }
  const queryRows = typicalQueries(hitsOf(found, rows), QUERIES, seed);
  return {
    title: "Copy detection",
    note: `an edited copy looks for its original among all pictures; ${TYPICAL}`,
    queryRows,
    correct: queryRows,
    columns: shown(found, queryRows),
    labels: queryRows.map((row) => nameOf(tasks, row)),
    query: (row, drawing) => {
      const data = applyEdit(drawing, DRAWN, drawEdit(editSeed, row), DRAWN);
      return { size: DRAWN, data };
    },
  };
}

async function artistsSection(
  tasks: Tasks,
  ways: readonly Way[],
  { seed, threads }: GridOptions,
): Promise<Draft> {
  const [from, to] = PAIRS[1]!;
  const gallery = tasks.rows[to];
  const found: Found[] = [];
  for (const { title, features } of ways) {
    const { originals, metric } = features;
    const asked = { k: NEIGHBOURS, metric, threads };
    const queries = pickRows(originals, tasks.rows[from]);
    const places = await neighboursOf(queries, pickRows(originals, gallery), asked);
    found.push({ title, neighbours: places.map((row) => row.map((place) => gallery[place]!)) });
  }
  const places = typicalQueries(hitsOf(found, gallery), QUERIES, seed + 1);
  return {
    title: "Across artists",
    note: `a drawing by ${from} looks for the same emoji among those of ${to}; ${TYPICAL}`,
    queryRows: places.map((place) => tasks.rows[from][place]!),
    correct: places.map((place) => gallery[place]!),
    columns: shown(found, places),
    labels: places.map((place) => tasks.names[place]!),
    query: (_row, data) => ({ size: DRAWN, data }),
  };
}

const TYPICAL = "chosen such that each column is right about as often as among all queries";

/** The neighbours that one encoder finds for every query. */
interface Found {
  title: string;
  neighbours: Int32Array[];
}

/** For each encoder, whether the correct row comes first, and whether it is among those shown. */
function hitsOf(found: readonly Found[], correct: readonly number[]): boolean[][] {
  return found.flatMap(({ neighbours }) => [
    neighbours.map((rows, query) => rows[0] === correct[query]),
    neighbours.map((rows, query) => rows.includes(correct[query]!)),
  ]);
}

function shown(found: readonly Found[], queries: readonly number[]): Found[] {
  return found.map(({ title, neighbours }) => ({
    title,
    neighbours: queries.map((query) => neighbours[query]!),
  }));
}

async function drawAll(
  sections: readonly Draft[],
  icons: readonly EmojiIcon[],
): Promise<Map<number, Uint8Array>> {
  const rows = new Set<number>();
  for (const { queryRows, columns } of sections) {
    for (const row of queryRows) rows.add(row);
    for (const { neighbours } of columns)
      for (const found of neighbours) for (const row of found) rows.add(row);
  }
  const wanted = [...rows];
  const { pictures } = await drawEmoji(
    wanted.map((row) => icons[row]!),
    { size: DRAWN },
  );
  const length = 3 * DRAWN ** 2;
  return new Map(wanted.map((row, at) => [row, pictures.subarray(at * length, (at + 1) * length)]));
}

function finished(draft: Draft, drawings: ReadonlyMap<number, Uint8Array>): GridSection {
  const { title, note, queryRows, correct, columns, labels } = draft;
  return {
    title,
    note,
    labels,
    correct,
    columns,
    queries: queryRows.map((row) => draft.query(row, drawings.get(row)!)),
    gallery: (row) => ({ size: DRAWN, data: drawings.get(row)! }),
  };
}

function nameOf({ originals }: Tasks, row: number): string {
  return path.basename(originals.names[row]!, ".png");
}

/** Values recorded during training, by epoch. */
export interface Course {
  loss: Point[];
  /** The loss at collapse, if it is known. */
  collapsed: number | null;
  /** Copy detection, recall@1, from epoch 0 (untrained) on. */
  copies: Point[];
  /** Across artists, mean recall@5, from epoch 0 on. */
  artists: Point[];
}

export interface CourseOptions {
  subtitle: string;
  /** The scores of raw pixels. */
  pixels: TaskScores;
}

/** Plots loss and recall over training. Returns the path of the PNG. */
export async function drawCourse(
  out: string,
  course: Course,
  { subtitle, pixels }: CourseOptions,
): Promise<string> {
  const { loss, collapsed, copies, artists } = course;
  const mean = pixels.artists.reduce((sum, { at5 }) => sum + at5, 0) / pixels.artists.length;
  const svg = linePlot({
    title: "Learning without labels",
    subtitle,
    xLabel: "epoch",
    panels: [
      {
        title: "loss",
        series: [{ name: "NT-Xent", points: loss }],
        levels: collapsed === null ? [] : [{ name: "collapse", y: collapsed }],
      },
      {
        title: "recall",
        series: [
          { name: "copies @1", points: copies },
          { name: "artists @5", points: artists },
        ],
        levels: [
          { name: "pixels, copies", y: pixels.copies.at1, colour: PALETTE[0] },
          { name: "pixels, artists", y: mean, colour: PALETTE[1] },
        ],
      },
    ],
  });
  return (await writeSvgAndPng(path.join(out, "course"), svg)).png;
}
