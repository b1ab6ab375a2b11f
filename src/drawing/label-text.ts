import { hasGlyphs, strokeText, type TextStyle, textWidth } from "./stroke-font.ts";
import { escapeXml, INK, round } from "./svg.ts";

/** The height of capitals as a share of the font size, in common fonts without serifs. */
const CAPITALS = 0.72;
/** The width of a letter of unknown form as a share of the capitals' height: that of a Chinese one. */
const WIDE = 1.4;

/**
 * A name given by a user as SVG: strokes where there is a glyph for every letter, otherwise text in a font of
 * the machine that draws it. Its style is that of {@link strokeText}.
 */
export function labelText(text: string, x: number, y: number, style: TextStyle): string {
  if (hasGlyphs(text)) return strokeText(text, x, y, style);
  const { size, colour = INK, anchor = "start", upwards = false } = style;
  const turned = upwards ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : "";
  return (
    `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-family="sans-serif" ` +
    `font-size="${round(size / CAPITALS)}" fill="${colour}"${turned}>${escapeXml(text)}</text>`
  );
}

/** The width in pixels of {@link labelText}; for a font of the machine, at most about this much. */
export function labelWidth(text: string, size: number): number {
  return hasGlyphs(text) ? textWidth(text, size) : [...text].length * size * WIDE;
}

/** A name cut to a width in pixels, with three points at the cut. */
export function fitLabel(text: string, width: number, size: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (labelWidth(line, size) <= width) return line;
  const letters = [...line];
  while (letters.length > 1 && labelWidth(`${letters.join("")}...`, size) > width) letters.pop();
  return `${letters.join("").trimEnd()}...`;
}
