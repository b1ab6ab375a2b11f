/** The confusion matrix as a picture: which classes are taken for which. */
import { type ConfusionTable, confusionTable } from "./confusion-table.ts";
import { fitLabel, labelText, labelWidth } from "./label-text.ts";
import { strokeText } from "./stroke-font.ts";
import { GREY, GRID, INK, round, svgDocument } from "./svg.ts";

export interface ConfusionPicture {
  /** The names of the C classes. */
  names: readonly string[];
  /** Pictures by label and prediction, `[C, C]` row-major: the row is the label. */
  counts: ArrayLike<number>;
  title?: string;
}

/** Side of a cell in pixels, by the number of rows: in large cells there is room for share and count. */
function cellSide(rows: number): number {
  if (rows <= 6) return 68;
  if (rows <= 20) return 50;
  if (rows <= 32) return 32;
  return 24;
}

const MARGIN = 24;
const HEAD = 86;
const GAP = 12;
/** Room for the names of the classes. */
const MOST_NAME = 170;
/** Room for the number of pictures and the recall at the end of a row. */
const TOTALS = 104;
/** From which side on a cell has both its share and its count. */
const ROOMY = 44;
const [RIGHT, WRONG] = ["#1d6fa5", "#c2410c"];

/**
 * Rows are the true classes, columns the predicted ones. The colour of a cell is its share of its row: blue
 * for right predictions, orange for wrong ones. Above {@link MOST_CLASSES} classes it shows those with the
 * most mistakes and puts the others together.
 */
export function confusionPicture({ names, counts, title = "Confusion matrix" }: ConfusionPicture): string {
  const table = confusionTable(names, counts);
  const side = cellSide(table.names.length);
  const size = Math.min(8.5, Math.max(6.5, side * 0.28));
  const cut = table.names.map((name) => fitLabel(name, MOST_NAME, size));
  const room = Math.max(...cut.map((name) => labelWidth(name, size)), 40);
  const layout: Layout = { table, side, size, left: MARGIN + 22 + room + GAP, top: HEAD + 16 + room + GAP };
  const extent = table.names.length * side;
  const body = [
    drawHead(title, table),
    ...cut.map((name, at) => drawNames(name, at, layout)),
    ...table.names.flatMap((_, row) => drawRow(row, layout)),
    drawFrame(layout, extent),
  ];
  const right = Math.max(layout.left + extent + TOTALS, MARGIN + HEAD_WIDTH);
  return svgDocument(right + MARGIN, layout.top + extent + MARGIN, title, body.join(""));
}

interface Layout {
  table: ConfusionTable;
  side: number;
  /** Height of the capitals. */
  size: number;
  left: number;
  top: number;
}

/** The width that title and subtitle need. */
const HEAD_WIDTH = 470;

function drawHead(title: string, { total, right, others, names }: ConfusionTable): string {
  const share = `${percent(right / Math.max(1, total))} of ${grouped(total)} pictures are right`;
  const most = `the ${names.length - 1} classes with the most mistakes; ${others} others together`;
  return [
    strokeText(title, MARGIN, 38, { size: 13, weight: 0.14 }),
    strokeText(share, MARGIN, 62, { size: 8.5, colour: GREY }),
    others === 0 ? "" : strokeText(most, MARGIN, 80, { size: 8.5, colour: GREY }),
  ].join("");
}

/** A class's name before its row and above its column. */
function drawNames(name: string, at: number, { side, size, left, top }: Layout): string {
  const middle = (at + 0.5) * side;
  return (
    labelText(name, left - GAP, top + middle + size / 2, { size, anchor: "end" }) +
    labelText(name, left + middle + size / 2, top - GAP, { size, upwards: true })
  );
}

function drawRow(row: number, layout: Layout): string[] {
  const { table, side, size, left, top } = layout;
  const { counts, names, totals } = table;
  const own = counts.slice(row * names.length, (row + 1) * names.length);
  const y = top + row * side;
  const end = left + names.length * side + GAP;
  const recall = totals[row] === 0 ? "" : percent(table.recalls[row]!, 0);
  return [
    ...own.map((count, column) => drawCell(count, row, column, layout)),
    strokeText(recall, end + 36, y + side / 2 + size / 2, { size, anchor: "end", weight: 0.15 }),
    strokeText(`of ${grouped(totals[row] ?? 0)}`, end + 46, y + side / 2 + size / 2, { size, colour: GREY }),
  ];
}

function drawCell(count: number, row: number, column: number, layout: Layout): string {
  const { table, side, left, top } = layout;
  if (count === 0) return "";
  const share = count / table.totals[row]!;
  // Where classes are put together, right and wrong predictions share a cell.
  const isMixed = table.others > 0 && row === column && row === table.names.length - 1;
  const colour = isMixed ? GREY : row === column ? RIGHT : WRONG;
  // Small shares of mistakes are what one looks for, so colours grow fast at first.
  const opacity = round(row === column ? 0.15 + 0.85 * share : 0.12 + 0.88 * Math.sqrt(share));
  const [x, y] = [left + column * side, top + row * side];
  const rect = `<rect x="${round(x)}" y="${round(y)}" width="${side}" height="${side}" fill="${colour}" fill-opacity="${opacity}"/>`;
  return rect + cellText(count, share, { x: x + side / 2, y: y + side / 2, side }, opacity > 0.55);
}

function cellText(
  count: number,
  share: number,
  { x, y, side }: { x: number; y: number; side: number },
  isDark: boolean,
): string {
  const colour = isDark ? "#ffffff" : INK;
  const sized = (text: string, size: number) => ({
    size: Math.min(size, (size * (side - 5)) / Math.max(1, labelWidth(text, size))),
    colour,
  });
  if (side < ROOMY) {
    const style = sized(`${count}`, side * 0.3);
    return strokeText(`${count}`, x, y + style.size / 2, { ...style, anchor: "middle", weight: 0.13 });
  }
  const [text, number] = [percent(share, 0), `${count}`];
  const [large, small] = [sized(text, side * 0.2), sized(number, side * 0.14)];
  return (
    strokeText(text, x, y - 1, { ...large, anchor: "middle", weight: 0.14 }) +
    strokeText(number, x, y + small.size + side * 0.13, { ...small, anchor: "middle" })
  );
}

function drawFrame({ left, top, side, table }: Layout, extent: number): string {
  const lines = Array.from({ length: table.names.length + 1 }, (_, at) => {
    const place = round(at * side);
    return `M${round(left)} ${round(top + place)}h${extent}M${round(left + place)} ${round(top)}v${extent}`;
  });
  const [middleX, middleY] = [left + extent / 2, top + extent / 2];
  return (
    `<path d="${lines.join("")}" fill="none" stroke="${GRID}" stroke-width="1"/>` +
    strokeText("predicted", Math.max(middleX, left + 40), HEAD + 2, {
      size: 8.5,
      colour: GREY,
      anchor: "middle",
    }) +
    strokeText("true", MARGIN + 8, middleY, { size: 8.5, colour: GREY, anchor: "middle", upwards: true })
  );
}

/** Never 100 % or 0 % for a share that is not. */
function percent(share: number, digits = 1): string {
  const text = (100 * share).toFixed(digits);
  const isRounded = (share < 1 && Number(text) === 100) || (share > 0 && Number(text) === 0);
  if (!isRounded) return `${text} %`;
  return share > 0.5
    ? `>${(100 - 10 ** -digits).toFixed(digits)} %`
    : `<${(10 ** -digits).toFixed(digits)} %`;
}

/** `12,345`. */
function grouped(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ",");
}
