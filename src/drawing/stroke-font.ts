/**
 * Text as SVG paths. A new machine or container may have no font at all, and librsvg then draws a box for
 * every letter. Strokes look the same everywhere, in the SVG and in the PNG made from it.
 *
 * Each letter is a line: its width without the pen's, and the path of its pen. Capitals are 14 units high and
 * small letters 10, the baseline is y = 0, y grows downwards, and x = 0 is the left-most stroke.
 */
import { escapeXml, round } from "./svg.ts";

type Glyph = readonly [width: number, path: string];

const GLYPHS: Readonly<Record<string, Glyph>> = {
  " ": [1.6, ""],
  a: [7.8, "M7.8-10V0M7.8-5A3.9 5 0 1 0 0-5A3.9 5 0 1 0 7.8-5"],
  b: [7.8, "M0-14.4V0M0-5A3.9 5 0 1 1 7.8-5A3.9 5 0 1 1 0-5"],
  c: [6.9, "M6.9-8.3A4 5 0 1 0 6.9-1.7"],
  d: [7.8, "M7.8-14.4V0M7.8-5A3.9 5 0 1 0 0-5A3.9 5 0 1 0 7.8-5"],
  e: [7.8, "M0-5.2H7.8A3.9 4.9 0 1 0 6.9-1.8"],
  f: [4.6, "M4.8-14.1A3.1 3.1 0 0 0 1.6-11.2V0M-.8-9.6H4.4"],
  g: [7.8, "M7.8-10V.3A3.9 4 0 0 1 .6 2.6M7.8-5A3.9 5 0 1 0 0-5A3.9 5 0 1 0 7.8-5"],
  h: [7.2, "M0-14.4V0M0-6.2A3.6 3.8 0 0 1 7.2-6.2V0"],
  i: [0, "M0-9.8V0M0-13.6v-.7"],
  j: [2, "M2-9.8V1.6A2.7 2.7 0 0 1-.8 4.3M2-13.6v-.7"],
  k: [6.6, "M0-14.4V0M6.2-9.8L0-3.9M2.4-6.2L6.8 0"],
  l: [0, "M0-14.4V0"],
  m: [11.4, "M0-9.8V0M0-6.6A2.85 3.4 0 0 1 5.7-6.6V0M5.7-6.6A2.85 3.4 0 0 1 11.4-6.6V0"],
  n: [7.2, "M0-9.8V0M0-6.2A3.6 3.8 0 0 1 7.2-6.2V0"],
  o: [8, "M0-5A4 5 0 1 1 8-5A4 5 0 1 1 0-5"],
  p: [7.8, "M0-10V4.4M0-5A3.9 5 0 1 1 7.8-5A3.9 5 0 1 1 0-5"],
  q: [7.8, "M7.8-10V4.4M7.8-5A3.9 5 0 1 0 0-5A3.9 5 0 1 0 7.8-5"],
  r: [4.2, "M0-9.8V0M0-6.4A3.8 3.6 0 0 1 4.4-9.8"],
  s: [
    6,
    "M5.9-8.2C5.4-9.4 4.4-10 3.1-10C1.5-10 .3-9 .3-7.5C.3-4.2 6.2-5.9 6.2-2.6C6.2-1 4.9 0 3.1 0C1.6 0 .4-.7 0-2",
  ],
  t: [4.6, "M1.5-13V-2.9A2.9 2.9 0 0 0 4.8-.1M-.8-9.6H4.6"],
  u: [7.2, "M0-9.8V-3.8A3.6 3.8 0 0 0 7.2-3.8M7.2-9.8V0"],
  v: [7.4, "M0-9.8L3.7 0L7.4-9.8"],
  w: [11.2, "M0-9.8L2.8 0L5.6-9.4L8.4 0L11.2-9.8"],
  x: [6.8, "M0-9.8L6.8 0M6.8-9.8L0 0"],
  y: [7.4, "M0-9.8L3.8 0M7.4-9.8L3.2 2A3.5 3.5 0 0 1-.4 4.3"],
  z: [6.6, "M.2-9.8H6.4L0 0H6.8"],
  A: [10, "M0 0L5-14L10 0M1.8-5H8.2"],
  B: [8, "M0-14V0H4.4A3.8 3.8 0 0 0 4.4-7.5H0M4-7.5A3.3 3.25 0 0 0 4-14H0"],
  C: [9.6, "M9.6-11.3A5.5 7 0 1 0 9.6-2.7"],
  D: [9.8, "M0-14V0H3.6A6.2 7 0 0 0 3.6-14Z"],
  E: [7.4, "M7.4-14H0V0H7.6M0-7.3H6.6"],
  F: [7, "M7.2-14H0V0M0-7H6.4"],
  G: [10.4, "M9.8-11.3A5.5 7 0 1 0 10.6-6.4H6.2"],
  H: [9, "M0-14V0M9-14V0M0-7.2H9"],
  I: [0, "M0-14V0"],
  J: [5.6, "M5.8-14V-3.6A3.2 3.6 0 0 1-.4-2.6"],
  K: [8.6, "M0-14V0M8.4-14L0-5.2M3-8.4L8.8 0"],
  L: [6.8, "M0-14V0H7"],
  M: [11.2, "M0 0V-14L5.6-4.4L11.2-14V0"],
  N: [9.2, "M0 0V-14L9.2 0V-14"],
  O: [11.2, "M0-7A5.6 7 0 1 1 11.2-7A5.6 7 0 1 1 0-7"],
  P: [8, "M0 0V-14H4.2A3.9 3.9 0 0 1 4.2-6.2H0"],
  Q: [11.2, "M0-7A5.6 7 0 1 1 11.2-7A5.6 7 0 1 1 0-7M7-3.6L11.2.8"],
  R: [8.2, "M0 0V-14H4.2A3.9 3.9 0 0 1 4.2-6.2H0M4.4-6.2L8.6 0"],
  S: [
    8.2,
    "M7.8-11.4C7.2-13 5.9-14 4.2-14C1.9-14 .4-12.6.4-10.6C.4-6 8.4-8.2 8.4-3.7C8.4-1.4 6.7 0 4.3 0C2.1 0 .5-1.1 0-3",
  ],
  T: [9, "M0-14H9M4.5-14V0"],
  U: [9, "M0-14V-4.5A4.5 4.5 0 0 0 9-4.5V-14"],
  V: [9.6, "M0-14L4.8 0L9.6-14"],
  W: [14.4, "M0-14L3.6 0L7.2-13.4L10.8 0L14.4-14"],
  X: [8.8, "M0-14L8.8 0M8.8-14L0 0"],
  Y: [9, "M0-14L4.5-6.8L9-14M4.5-6.8V0"],
  Z: [8.6, "M.2-14H8.4L0 0H8.8"],
  0: [8, "M0-7A4 7 0 1 1 8-7A4 7 0 1 1 0-7"],
  1: [8, "M1.4-11.2L4.8-14V0"],
  2: [8, "M.5-10.2A3.75 3.8 0 1 1 7-7.7L.2 0H8"],
  3: [8, "M.9-12.1A3.5 3.3 0 1 1 4-7.4A3.8 3.7 0 1 1 .2-2.6"],
  4: [8, "M6 0V-14L-.2-4H8.2"],
  5: [8, "M7.2-14H1.4L.8-7.9A4.1 4.3 0 1 1 .2-2"],
  6: [8, "M5.8-14L.8-6.6M0-4.2A4 4.2 0 1 1 8-4.2A4 4.2 0 1 1 0-4.2"],
  7: [8, "M0-14H8L2.8 0"],
  8: [8, "M.7-10.6A3.3 3.4 0 1 1 7.3-10.6A3.3 3.4 0 1 1 .7-10.6M0-3.6A4 3.6 0 1 1 8-3.6A4 3.6 0 1 1 0-3.6"],
  9: [8, "M2.2 0L7.2-7.4M8-9.8A4 4.2 0 1 1 0-9.8A4 4.2 0 1 1 8-9.8"],
  ".": [0, "M0 0v-.7"],
  ",": [0.6, "M.8-.2L-.2 2.8"],
  ":": [0, "M0-8.4v-.7M0 0v-.7"],
  ";": [0.6, "M.6-8.4v-.7M.8-.2L-.2 2.8"],
  "!": [0, "M0-14V-4.6M0 0v-.7"],
  "?": [6.8, "M0-11A3.5 3.4 0 1 1 5.6-8C4.2-6.9 3.4-6.2 3.4-4.4M3.4 0v-.7"],
  "'": [0, "M0-14.4V-11"],
  '"': [3, "M0-14.4V-11M3-14.4V-11"],
  "(": [2.8, "M2.8-16C-.9-10.4-.9-2.6 2.8 3"],
  ")": [2.8, "M0-16C3.7-10.4 3.7-2.6 0 3"],
  "[": [2.8, "M2.8-16H0V3H2.8"],
  "]": [2.8, "M0-16H2.8V3H0"],
  "{": [4, "M4-16C.6-16 3.4-7.6 0-6.5C3.4-5.4.6 3 4 3"],
  "}": [4, "M0-16C3.4-16 .6-7.6 4-6.5C.6-5.4 3.4 3 0 3"],
  "/": [5.6, "M5.6-15.4L0 2"],
  "\\": [5.6, "M0-15.4L5.6 2"],
  "|": [0, "M0-16V3"],
  "-": [4.4, "M0-5H4.4"],
  "–": [8, "M0-5H8"],
  "+": [8, "M4-9.4V-.6M-.4-5H8.4"],
  "=": [8, "M-.2-7H8.2M-.2-3H8.2"],
  "<": [7, "M7-9.4L0-5L7-.6"],
  ">": [7, "M0-9.4L7-5L0-.6"],
  "×": [7, "M.2-8.3L6.8-1.7M6.8-8.3L.2-1.7"],
  "→": [11, "M0-5H11M7.2-8.8L11-5L7.2-1.2"],
  "·": [0, "M0-5v-.7"],
  "%": [
    12.4,
    "M10.4-14L2 0M0-10.8A2.6 3.2 0 1 1 5.2-10.8A2.6 3.2 0 1 1 0-10.8M7.2-3.2A2.6 3.2 0 1 1 12.4-3.2A2.6 3.2 0 1 1 7.2-3.2",
  ],
  "@": [
    13,
    "M9.4-9.2V-4.6A2 2 0 0 0 13-4.8V-6A6.5 7.4 0 1 0 9.6.6M9.4-5.8A2.7 3.3 0 1 0 4-5.8A2.7 3.3 0 1 0 9.4-5.8",
  ],
  "#": [8.8, "M3.2-14L1.2 0M7.6-14L5.6 0M.2-9.6H8.8M0-4.4H8.6"],
  "&": [
    9.6,
    "M9.4-6.4C8.6-2.4 6.6 0 4 0C1.8 0 0-1.4 0-3.6C0-7.2 6.4-7.6 6.4-11.2C6.4-13 5.3-14 3.9-14C2.4-14 1.4-12.9 1.4-11.4C1.4-8.8 6.4-4.2 9.6 0",
  ],
  $: [
    8,
    "M7.4-10.2C6.9-11.4 5.8-12 4.2-12C2.2-12 .6-11 .6-9.3C.6-5.7 7.8-7.5 7.8-3.8C7.8-2 6.2-1 4.2-1C2.2-1 .6-1.8 0-3.4M4-14.6V1.6",
  ],
  "^": [6.4, "M0-9.6L3.2-14L6.4-9.6"],
  "~": [8, "M0-4C1.2-6.4 3-6.4 4-5C5-3.6 6.8-3.6 8-6"],
  "`": [2.4, "M0-14.4L2.4-11.6"],
  _: [8, "M0 2.4H8"],
  "*": [5.6, "M2.8-14.4V-8.4M.2-12.9L5.4-9.9M5.4-12.9L.2-9.9"],
};

/** The glyph for a letter that the table lacks: an open box. */
const MISSING: Glyph = [7, "M0-14H7V0H0Z"];
const SPACE_BETWEEN = 3.4;
const CAPITAL_HEIGHT = 14;

export interface TextStyle {
  /** Height of the capitals in pixels. A line of text needs about twice that. */
  size: number;
  colour?: string;
  /** Thickness of the pen as a share of the capitals' height: .11 plain, .16 bold. */
  weight?: number;
  anchor?: "start" | "middle" | "end";
  /** Turned by -90 degrees around (x, y), to be read upwards, as beside an axis. */
  upwards?: boolean;
}

function glyph(letter: string): Glyph {
  return GLYPHS[letter] ?? MISSING;
}

/** Whether there is a glyph for every letter of a text. */
export function hasGlyphs(text: string): boolean {
  return [...text].every((letter) => GLYPHS[letter] !== undefined);
}

/** The width in pixels of a line of text with capitals of height `size`. */
export function textWidth(text: string, size: number): number {
  const units = [...text].reduce((sum, letter) => sum + glyph(letter)[0] + SPACE_BETWEEN, 0);
  return (Math.max(0, units - SPACE_BETWEEN) * size) / CAPITAL_HEIGHT;
}

/** One line of text as an SVG group; (x, y) is on the baseline, at the start, middle or end of the text. */
export function strokeText(text: string, x: number, y: number, style: TextStyle): string {
  const { size, colour = "#1f2937", weight = 0.11, anchor = "start", upwards = false } = style;
  const scale = size / CAPITAL_HEIGHT;
  const shift = { start: 0, middle: -0.5, end: -1 }[anchor] * textWidth(text, size);
  const place = `translate(${round(x)} ${round(y)})${upwards ? "rotate(-90)" : ""}`;
  const letters: string[] = [];
  let pen = 0;
  for (const letter of text) {
    const [width, path] = glyph(letter);
    if (path !== "") letters.push(`<path transform="translate(${round(pen)})" d="${path}"/>`);
    pen += width + SPACE_BETWEEN;
  }
  return (
    `<g aria-label="${escapeXml(text)}" transform="${place}translate(${round(shift)})scale(${round(scale, 4)})" ` +
    `fill="none" stroke="${colour}" stroke-width="${round(weight * CAPITAL_HEIGHT)}" ` +
    `stroke-linecap="round" stroke-linejoin="round">${letters.join("")}</g>`
  );
}
