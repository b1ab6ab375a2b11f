/** The worst mistakes as one picture: what was shown, what it is, and what was predicted. */
import sharp from "sharp";
import { fitLabel, labelText, labelWidth } from "../../drawing/label-text.ts";
import { strokeText } from "../../drawing/stroke-font.ts";
import { GREY, GRID, INK, round, svgDocument } from "../../drawing/svg.ts";
import type { Mistake } from "../../transfer/worst-mistakes.ts";

/** A picture to show, uint8 `[3, height, width]`. */
export interface ShownPicture {
  name: string;
  height: number;
  width: number;
  data: Uint8Array;
}

export interface ShownMistake extends Mistake {
  picture: ShownPicture;
}

const MARGIN = 24;
const HEAD = 84;
const TILE = 148;
const GAP = 20;
/** Three lines below a picture. */
const CAPTION = 62;
const COLUMNS = 6;
const SIZE = 7.5;
const WRONG = "#c2410c";

/**
 * @param total the number of tested pictures, and `wrong` of the mistakes among them; null where a number is
 * not right or wrong.
 */
export async function mistakesPicture(
  mistakes: readonly ShownMistake[],
  { total, wrong }: { total: number; wrong: number | null },
): Promise<string> {
  const columns = Math.min(COLUMNS, Math.max(3, mistakes.length));
  const rows = Math.ceil(mistakes.length / columns);
  const tiles = await Promise.all(
    mistakes.map((mistake, at) => {
      const x = MARGIN + (at % columns) * (TILE + GAP);
      return drawMistake(mistake, x, HEAD + Math.floor(at / columns) * (TILE + CAPTION + GAP));
    }),
  );
  const width = 2 * MARGIN + columns * (TILE + GAP) - GAP;
  const height = HEAD + rows * (TILE + CAPTION + GAP) - GAP + MARGIN;
  return svgDocument(width, height, TITLE, [drawHead(mistakes.length, total, wrong), ...tiles].join(""));
}

const TITLE = "The worst mistakes";

function drawHead(shown: number, total: number, wrong: number | null): string {
  const text =
    wrong === null
      ? `the ${shown} numbers farthest off, of ${total} pictures`
      : `${shown} of ${wrong} mistakes in ${total} pictures, the surest first: true → predicted, p`;
  return (
    strokeText(TITLE, MARGIN, 38, { size: 13, weight: 0.14 }) +
    strokeText(text, MARGIN, 62, { size: 8.5, colour: GREY })
  );
}

async function drawMistake(mistake: ShownMistake, x: number, y: number): Promise<string> {
  const { picture, truth, predicted, probability } = mistake;
  const line = (at: number) => y + TILE + 17 + 18 * at;
  const sure = probability === null ? "" : `, ${percent(probability)}`;
  // The probability stays whole when the name must be cut.
  const guess = fitLabel(predicted, TILE - labelWidth(`→ ${sure}`, SIZE), SIZE);
  const file = fitLabel(lastPart(picture.name), TILE, SIZE - 1);
  return [
    await drawPicture(picture, x, y),
    labelText(fitLabel(truth, TILE, SIZE), x, line(0), { size: SIZE, colour: INK, weight: 0.14 }),
    labelText(`→ ${guess}${sure}`, x, line(1), { size: SIZE, colour: WRONG, weight: 0.14 }),
    labelText(file, x, line(2), { size: SIZE - 1, colour: GREY }),
  ].join("");
}

/** The picture as large as fits, in the middle of its tile. */
async function drawPicture({ height, width, data }: ShownPicture, x: number, y: number): Promise<string> {
  const scale = TILE / Math.max(height, width);
  const [w, h] = [width * scale, height * scale];
  const uri = `data:image/png;base64,${(await encodePng(data, height, width)).toString("base64")}`;
  // Pixels of small pictures stay sharp.
  const style = scale >= 3 ? ` style="image-rendering:pixelated"` : "";
  return (
    `<rect x="${x - 0.5}" y="${y - 0.5}" width="${TILE + 1}" height="${TILE + 1}" fill="#f9fafb" stroke="${GRID}"/>` +
    `<image x="${round(x + (TILE - w) / 2)}" y="${round(y + (TILE - h) / 2)}" width="${round(w)}" ` +
    `height="${round(h)}" href="${uri}"${style}/>`
  );
}

/** Planar to interleaved. */
function encodePng(data: Uint8Array, height: number, width: number): Promise<Buffer> {
  const plane = height * width;
  const rgb = new Uint8Array(3 * plane);
  for (let at = 0; at < plane; at++) for (let c = 0; c < 3; c++) rgb[3 * at + c] = data[c * plane + at]!;
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

function lastPart(name: string): string {
  return name.split("/").at(-1) ?? name;
}

/** A whole number, but 100 % only for certainty. */
function percent(share: number): string {
  return share < 1 && share >= 0.995 ? ">99 %" : `${Math.round(100 * share)} %`;
}
