/** From an SVG to files. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";

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
