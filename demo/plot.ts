/**
 * Lines over time as an SVG: panels above each other with one horizontal axis. A pure function from data to a
 * string. Text is drawn by strokes, so the picture needs no font.
 */

import { AXIS, GREY, GRID, INK, round, strokeText, svgDocument, textWidth } from "afterimage/drawing";
import { enclosingTicks, formatTick, linearScale, niceTicks, spreadApart } from "./axis.ts";

export interface Point {
  x: number;
  y: number;
}

/** One line. Points that are not finite are left out, and the line goes straight to the next point. */
export interface Series {
  name: string;
  points: readonly Point[];
  /** Any SVG colour. Default: the next one of the palette. */
  colour?: string;
}

/** A level for comparison, such as the score of raw pixels, dashed over the whole width. */
export interface Level {
  name: string;
  y: number;
  /** Default: grey. */
  colour?: string;
}

export interface Panel {
  title: string;
  series: readonly Series[];
  levels?: readonly Level[];
  /** The range of the vertical axis. Default: that of the data and levels, widened to round numbers. */
  range?: readonly [low: number, high: number];
}

export interface PlotOptions {
  title: string;
  /** A line in grey under the title. */
  subtitle?: string;
  /** The quantity on the horizontal axis, which starts at 0: "minutes of training". */
  xLabel: string;
  panels: readonly Panel[];
  width?: number;
  /** Height of one panel's data area. */
  panelHeight?: number;
}

/**
 * Colour-blind readers can distinguish them too: after Okabe and Ito, "Color Universal Design" (2008),
 * darkened.
 */
export const PALETTE = ["#0072b2", "#d55e00", "#00866a", "#a8509a", "#b07d00", "#2f8fc4"] as const;

const LEFT = 62;
const TITLE_HEIGHT = 74;
const PANEL_HEAD = 50;
const PANEL_GAP = 30;
const TEXT = 8.5;
/** Width of the values between the ends of lines and their names. */
const VALUE_WIDTH = 50;
const LABEL_STEP = 17;
const DASHES = `stroke-dasharray="5 4"`;

/** A series or a level in the form that is drawn. */
interface Line {
  name: string;
  colour: string;
  points: readonly Point[];
  dashed: boolean;
}

/** One panel's data area in the picture, and the map from data to it. */
interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (value: number) => number;
  y: (value: number) => number;
  xTicks: readonly number[];
  yTicks: readonly number[];
}

/** Draws the panels, in the order given from top to bottom, as one SVG. */
export function linePlot({
  title,
  subtitle = "",
  xLabel,
  panels,
  width = 960,
  panelHeight = 230,
}: PlotOptions): string {
  const end = Math.max(
    1e-9,
    ...panels.flatMap(({ series }) => series.flatMap(finitePoints)).map(({ x }) => x),
  );
  const lines = panels.map((panel) => linesOf(panel, end));
  const labels = lines.flat().map(({ name }) => textWidth(name, TEXT));
  const right = width - Math.max(0, ...labels) - VALUE_WIDTH - 24;
  const step = PANEL_HEAD + panelHeight + PANEL_GAP;

  const drawn = panels.map((panel, i) => {
    const top = TITLE_HEIGHT + i * step + PANEL_HEAD;
    const frame = frameOf(panel, lines[i]!, end, { left: LEFT, right, top, bottom: top + panelHeight });
    return drawPanel(panel, lines[i]!, frame, i === panels.length - 1);
  });
  const bottom = TITLE_HEIGHT + panels.length * step;
  const heading = [
    strokeText(title, 24, 34, { size: 14, weight: 0.14 }),
    strokeText(subtitle, 24, 58, { size: 9, colour: GREY }),
    strokeText(xLabel, (LEFT + right) / 2, bottom + 12, { size: 9.5, colour: GREY, anchor: "middle" }),
  ];
  return svgDocument(width, bottom + 30, title, [...heading, ...drawn].join(""));
}

function finitePoints({ points }: Pick<Series, "points">): Point[] {
  return points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
}

/** The series, then the levels as lines from 0 to the end of the axis. */
function linesOf({ series, levels = [] }: Panel, end: number): Line[] {
  const solid = series.map((one, i) => ({
    name: one.name,
    colour: one.colour ?? PALETTE[i % PALETTE.length]!,
    points: finitePoints(one),
    dashed: false,
  }));
  const dashed = levels.map(({ name, y, colour = GREY }) => ({
    name,
    colour,
    points: finitePoints({ points: [0, end].map((x) => ({ x, y })) }),
    dashed: true,
  }));
  return [...solid, ...dashed];
}

function frameOf(
  { range }: Panel,
  lines: readonly Line[],
  end: number,
  area: Pick<Frame, "left" | "right" | "top" | "bottom">,
): Frame {
  const ys = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const [low, high] = range ?? (ys.length === 0 ? [0, 1] : [Math.min(...ys), Math.max(...ys)]);
  const yTicks = range ? niceTicks(low, high, 5) : enclosingTicks(low, high, 5);
  const yRange = range ?? ([yTicks[0]!, yTicks.at(-1)!] as const);
  return {
    ...area,
    x: linearScale([0, end], [area.left, area.right]),
    y: linearScale(yRange, [area.bottom, area.top]),
    xTicks: niceTicks(0, end, 8),
    yTicks,
  };
}

function drawPanel(panel: Panel, lines: readonly Line[], frame: Frame, isLast: boolean): string {
  return [
    strokeText(panel.title, frame.left, frame.top - 30, { size: 10, weight: 0.14 }),
    drawLegend(lines, frame),
    drawAxes(frame, isLast),
    ...lines.map((line) => drawLine(line, frame)),
    drawEndLabels(lines, frame),
  ].join("");
}

function drawAxes({ left, right, bottom, x, y, xTicks, yTicks }: Frame, withNumbers: boolean): string {
  const number = { size: TEXT, colour: GREY };
  const rows = yTicks.map(
    (tick) =>
      `<path d="M${left} ${round(y(tick))}H${round(right)}" stroke="${GRID}"/>` +
      strokeText(formatTick(tick, yTicks), left - 10, y(tick) + 4, { ...number, anchor: "end" }),
  );
  const ticks = xTicks.map((tick) => `<path d="M${round(x(tick))} ${bottom}v5" stroke="${AXIS}"/>`);
  const numbers = xTicks.map((tick) =>
    strokeText(formatTick(tick, xTicks), x(tick), bottom + 20, { ...number, anchor: "middle" }),
  );
  const axis = `<path d="M${left} ${bottom}H${round(right)}" stroke="${AXIS}"/>`;
  return [...rows, axis, ...ticks, ...(withNumbers ? numbers : [])].join("");
}

/** A dash in each line's style with its name, in one row. */
function drawLegend(lines: readonly Line[], { left, top }: Frame): string {
  let at = left;
  const entries = lines.map(({ name, colour, dashed }) => {
    const dash = `<path d="M${round(at)} ${top - 15}h22" stroke="${colour}" stroke-width="2.4" ${dashed ? DASHES : ""}/>`;
    const entry = dash + strokeText(name, at + 29, top - 11, { size: TEXT, colour: INK });
    at += 29 + textWidth(name, TEXT) + 24;
    return entry;
  });
  return entries.join("");
}

function drawLine({ points, colour, dashed }: Line, { x, y }: Frame): string {
  if (points.length === 0) return "";
  const path = points.map((p, i) => `${i === 0 ? "M" : "L"}${round(x(p.x))} ${round(y(p.y))}`).join("");
  const pen = dashed ? `stroke-width="1.6" ${DASHES}` : `stroke-width="2.4" stroke-linecap="round"`;
  const line = `<path d="${path}" fill="none" stroke="${colour}" stroke-linejoin="round" ${pen}/>`;
  const last = points.at(-1)!;
  return dashed
    ? line
    : `${line}<circle cx="${round(x(last.x))}" cy="${round(y(last.y))}" r="3.6" fill="${colour}"/>`;
}

/** The last value and the name of each line, right of the panel, moved apart if they would overlap. */
function drawEndLabels(lines: readonly Line[], { right, top, bottom, y }: Frame): string {
  const ends = lines
    .filter(({ points }) => points.length > 0)
    .map(({ name, colour, points }) => ({ name, colour, value: points.at(-1)!.y }))
    .sort((a, b) => b.value - a.value);
  const wanted = ends.map(({ value }) => y(value));
  const places = spreadApart(wanted, LABEL_STEP, [top, bottom]);
  return ends
    .map(({ name, colour, value }, i) => {
      const baseline = places[i]! + 4;
      const number = strokeText(formatValue(value), right + 14, baseline, {
        size: TEXT,
        colour,
        weight: 0.16,
      });
      return number + strokeText(name, right + VALUE_WIDTH, baseline, { size: TEXT, colour });
    })
    .join("");
}

/** Two decimals below 10, one below 100, none above: 0.66, 12.3, 123. */
function formatValue(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
