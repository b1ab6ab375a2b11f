/** The few pieces of SVG that all pictures share. */

/** The colours that are no data: text, text that stands back, lines behind the data, axes. */
export const INK = "#1f2937";
export const GREY = "#6b7280";
export const GRID = "#e5e7eb";
export const AXIS = "#9ca3af";

/** A whole SVG on white, in pixels. The title is what a screen reader says of it. */
export function svgDocument(width: number, height: number, title: string, body: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">` +
    `<title>${escapeXml(title)}</title><rect width="${w}" height="${h}" fill="#ffffff"/>${body}</svg>\n`
  );
}

/**
 * Escapes text for an XML attribute or element. It leaves out control characters, which XML does not allow.
 */
export function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "")
    .replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A number as SVG likes it: short. */
export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
