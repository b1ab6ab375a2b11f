/** Parts of SVG that the demo's pictures share, and the conversion of an SVG to files. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";

/** Colours that are not data: text, secondary text, lines behind the data, axes. */
export const INK = "#1f2937";
export const GREY = "#6b7280";
export const GRID = "#e5e7eb";
export const AXIS = "#9ca3af";

/** A whole SVG on white, in pixels. Screen readers read the title. */
export function svgDocument(width: number, height: number, title: string, body: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">` +
    `<title>${escapeXml(title)}</title><rect width="${w}" height="${h}" fill="#ffffff"/>${body}</svg>\n`
  );
}

/** Text escaped for an XML attribute or element. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A short number for SVG. */
export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/**
 * Writes `<base>.svg`, and `<base>.png` for programs that show no SVG. Creates their folder.
 *
 * @param base path without extension.
 * @param scale pixels of the PNG for each unit of the SVG.
 * @returns both paths.
 */
export async function writeSvgAndPng(
  base: string,
  svg: string,
  scale = 2,
): Promise<{ svg: string; png: string }> {
  const files = { svg: `${base}.svg`, png: `${base}.png` };
  await mkdir(path.dirname(base), { recursive: true });
  await writeFile(files.svg, svg);
  // At 72 dots an inch, librsvg draws one pixel for each unit.
  const source = sharp(Buffer.from(svg), { density: 72 * scale, unlimited: true });
  await source.png({ palette: false, compressionLevel: 9 }).toFile(files.png);
  return files;
}
