/**
 * Queries with their nearest neighbours as one picture, for several encoders side by side: raw pixels, the
 * untrained network, the trained encoder. The correct neighbour has a green frame.
 */

import { GREY, GRID, INK, round, strokeText, svgDocument, textWidth } from "afterimage/drawing";
import { randomStream } from "afterimage/random";
import sharp from "sharp";

/** An uint8 picture [3, S, S]. */
export interface GridPicture {
  size: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** The neighbours that one encoder finds. */
export interface GridColumn {
  title: string;
  /** For each query the gallery rows of its k nearest neighbours, the nearest first. */
  neighbours: readonly ArrayLike<number>[];
}

/** One task, with one query a line. */
export interface GridSection {
  title: string;
  /** A grey line beside the title: the query, and the source of the neighbours. */
  note?: string;
  queries: readonly GridPicture[];
  /** The name beside each query. */
  labels: readonly string[];
  /** The correct gallery row for each query. */
  correct: readonly number[];
  /** The picture at a row of the gallery. */
  gallery: (row: number) => GridPicture;
  columns: readonly GridColumn[];
}

const MARGIN = 24;
const LABEL_WIDTH = 160;
const TILE = 52;
const GAP = 8;
const BLOCK_GAP = 34;
const SECTION_HEAD = 92;
const SECTION_GAP = 36;
const RIGHT = "#16a34a";
const LABEL_SIZE = 8.5;

/** `count` different rows of `total`, ascending. The seed chooses them, so nobody can choose lucky ones. */
export function pickQueries(total: number, count: number, seed: number): number[] {
  const order = randomStream(seed, "neighbour-grid", 0, 0).permutation(total);
  return [...order.subarray(0, count)].sort((a, b) => a - b);
}

/** Draws the sections below each other as one SVG that contains the pictures. */
export async function neighbourGrid(title: string, sections: readonly GridSection[]): Promise<string> {
  const parts: string[] = [strokeText(title, MARGIN, 38, { size: 14, weight: 0.14 })];
  let top = 56;
  for (const section of sections) {
    parts.push(drawHead(section, top), ...(await drawRows(section, top + SECTION_HEAD)));
    top += SECTION_HEAD + section.queries.length * (TILE + GAP) + SECTION_GAP;
  }
  const width =
    Math.max(...sections.map((section) => blockLeft(section, section.columns.length))) - BLOCK_GAP;
  parts.push(drawKey(top - SECTION_GAP + 14));
  return svgDocument(width + MARGIN, top + 4, title, parts.join(""));
}

/** The left edge of a column's block; for the number of columns, that of a further block. */
function blockLeft({ columns }: GridSection, index: number): number {
  const widths = columns
    .slice(0, index)
    .map(({ neighbours }) => longest(neighbours) * (TILE + GAP) - GAP + BLOCK_GAP);
  return MARGIN + LABEL_WIDTH + TILE + BLOCK_GAP + widths.reduce((a, b) => a + b, 0);
}

function longest(lists: readonly ArrayLike<number>[]): number {
  return Math.max(0, ...lists.map((list) => list.length));
}

/** The section's title and note, and each block's title with its score. */
function drawHead(section: GridSection, top: number): string {
  const { title, note = "", columns } = section;
  const query = { size: 9, weight: 0.14 };
  const heads = columns.map((column, i) => {
    const left = blockLeft(section, i);
    const found = strokeText(score(section, column), left, top + 82, { size: LABEL_SIZE, colour: GREY });
    return strokeText(column.title, left, top + 64, query) + found;
  });
  return [
    strokeText(title, MARGIN, top + 26, { size: 11, weight: 0.14 }),
    strokeText(note, MARGIN + textWidth(title, 11) + 16, top + 26, { size: 9, colour: GREY }),
    strokeText("query", MARGIN + LABEL_WIDTH, top + 64, query),
    ...heads,
  ].join("");
}

/** "4 of 10 right at first, 7 within 5". */
function score({ correct }: GridSection, { neighbours }: GridColumn): string {
  const first = neighbours.filter((rows, q) => rows[0] === correct[q]).length;
  const among = neighbours.filter((rows, q) => Array.from(rows).includes(correct[q]!)).length;
  return `${first} of ${correct.length} right at first, ${among} within ${longest(neighbours)}`;
}

async function drawRows(section: GridSection, top: number): Promise<string[]> {
  const { queries, labels, correct, gallery, columns } = section;
  const rows = queries.map(async (query, q) => {
    const y = top + q * (TILE + GAP);
    const label = strokeText(shorten(labels[q] ?? ""), MARGIN, y + TILE / 2 + 4, {
      size: LABEL_SIZE,
      colour: INK,
    });
    const tiles = columns.flatMap(({ neighbours }, c) =>
      Array.from(neighbours[q] ?? [], (row, rank) => {
        const x = blockLeft(section, c) + rank * (TILE + GAP);
        return drawTile(gallery(row), x, y, row === correct[q]);
      }),
    );
    const own = drawTile(query, MARGIN + LABEL_WIDTH, y, false);
    return label + (await Promise.all([own, ...tiles])).join("");
  });
  return Promise.all(rows);
}

/** A label shortened to the width of its column. */
function shorten(label: string): string {
  const room = LABEL_WIDTH - 12;
  if (textWidth(label, LABEL_SIZE) <= room) return label;
  let cut = label;
  while (textWidth(`${cut}...`, LABEL_SIZE) > room) cut = cut.slice(0, -1);
  return `${cut.trimEnd()}...`;
}

async function drawTile(picture: GridPicture, x: number, y: number, isRight: boolean): Promise<string> {
  const uri = `data:image/png;base64,${(await encodePng(picture)).toString("base64")}`;
  const image = `<image x="${round(x + 3)}" y="${round(y + 3)}" width="${TILE - 6}" height="${TILE - 6}" href="${uri}"/>`;
  return image + drawFrame(x, y, isRight);
}

function drawFrame(x: number, y: number, isRight: boolean): string {
  const [inset, width, colour] = isRight ? [0.5, 3.5, RIGHT] : [0.5, 1, GRID];
  const side = TILE - 2 * inset;
  return (
    `<rect x="${round(x + inset)}" y="${round(y + inset)}" width="${side}" height="${side}" rx="5" ` +
    `fill="none" stroke="${colour}" stroke-width="${width}"/>`
  );
}

function drawKey(y: number): string {
  const sample = `<rect x="${MARGIN}" y="${y - 10}" width="12" height="12" rx="3" fill="none" stroke="${RIGHT}" stroke-width="3"/>`;
  return (
    sample +
    strokeText("the right one. Nearest first, from left to right.", MARGIN + 22, y, {
      size: LABEL_SIZE,
      colour: GREY,
    })
  );
}

/** Planar [3, S, S] to an interleaved PNG. */
function encodePng({ size, data }: GridPicture): Promise<Buffer> {
  const plane = size * size;
  const rgb = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[c * plane + i]!;
  return sharp(rgb, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}
