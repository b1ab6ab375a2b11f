import sharp from "sharp";

/** The density at which librsvg's lengths equal CSS's: a pixel is 1/96 of an inch. */
export const CSS_DENSITY = 96;
/** The size at which libvips draws a CSS pixel at that density. */
const DRAWN_PER_PIXEL = CSS_DENSITY / 72;
/** Lengths that depend on the density. */
const PHYSICAL = /\d\s*(?:mm|cm|in|pt|pc|q)\b/i;
/** Text that may come before the root: declarations, comments, and a document type with entities. */
const PROLOG = /^(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^[>]*(?:\[.*?\]\s*)?>)*/is;
const ROOT = /^<(?:[\w.-]+:)?svg(?=[\s/>])((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/i;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g;
const PIXELS_PER_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  px: 1,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
  pt: 96 / 72,
  pc: 16,
};

/**
 * Writes another size into the root of an SVG that cannot be drawn larger or smaller by density alone:
 *
 * - one with any lengths in mm, cm, in, pt, pc or Q: the density would scale these twice;
 * - one with neither size nor `viewBox`: the drawing would not grow with the area.
 *
 * The drawing keeps its proportions: its own size becomes the `viewBox` if there is none.
 *
 * @param scaleFor the factor by which a drawing of a given width and height, in pixels, is enlarged.
 * @returns the SVG to draw at {@link CSS_DENSITY}; null if changing the density is enough, or if the root is
 * not found.
 */
export async function svgAtSize(
  bytes: Uint8Array,
  scaleFor: (width: number, height: number) => number,
): Promise<Uint8Array | null> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const prolog = PROLOG.exec(text)?.[0].length ?? 0;
  const root = ROOT.exec(text.slice(prolog));
  if (root === null) return null;
  const attributes = attributesOf(root[1]!);
  const isSized = ["width", "height", "viewBox"].some((name) => attributes.has(name));
  if (isSized && !PHYSICAL.test(text)) return null;
  const own = await ownSize(bytes, attributes, isSized ? CSS_DENSITY : 72);
  const scale = scaleFor(own.width, own.height) / DRAWN_PER_PIXEL;
  setSize(attributes, own, { width: own.width * scale, height: own.height * scale });
  const name = /^<([\w:.-]+)/.exec(root[0])![1]!;
  const written = [...attributes].map(([key, value]) => ` ${key}=${value}`).join("");
  const start = `<${name}${written}${root[2]}>`;
  return Buffer.from(text.slice(0, prolog) + start + text.slice(prolog + root[0].length), "latin1");
}

interface Size {
  width: number;
  height: number;
}

/** Attributes with their quotes. */
function attributesOf(text: string): Map<string, string> {
  return new Map(Array.from(text.matchAll(ATTRIBUTE), ([, name, value]) => [name!, value!]));
}

/**
 * The size at which librsvg draws the SVG, in CSS pixels: a fraction if the attributes give one, otherwise
 * whole numbers.
 */
async function ownSize(bytes: Uint8Array, attributes: Map<string, string>, density: number): Promise<Size> {
  const drawn = await sharp(bytes, { density, limitInputPixels: false }).metadata();
  const seen = (pixels: number) => (pixels * 72) / density;
  const exact = (name: string, pixels: number) => {
    const length = lengthOf(attributes.get(name));
    return length !== null && Math.abs(length - pixels) <= 1 ? length : pixels;
  };
  return { width: exact("width", seen(drawn.width)), height: exact("height", seen(drawn.height)) };
}

function lengthOf(quoted: string | undefined): number | null {
  const found = /^["']\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*["']$/i.exec(quoted ?? "");
  const unit = PIXELS_PER_UNIT[found?.[2]?.toLowerCase() ?? "none"];
  return found === null || unit === undefined ? null : Number(found[1]) * unit;
}

/** Writes the size into the style too, because a style sheet would override attributes. */
function setSize(attributes: Map<string, string>, own: Size, size: Size): void {
  if (!attributes.has("viewBox")) attributes.set("viewBox", `"0 0 ${own.width} ${own.height}"`);
  attributes.set("width", `"${size.width}"`);
  attributes.set("height", `"${size.height}"`);
  const style = attributes.get("style") ?? '""';
  const quote = style[0]!;
  const said = style.slice(1, -1).trim();
  const added = `width:${size.width}px !important;height:${size.height}px !important`;
  attributes.set("style", `${quote}${said}${said === "" || said.endsWith(";") ? "" : ";"}${added}${quote}`);
}
