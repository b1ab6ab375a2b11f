/**
 * The background for transparency: a colour `#rrggbb`, or "auto": white or black, whichever shows the
 * picture.
 */
export type Background = "auto" | `#${string}`;

export const BACKGROUND_NAMES: Readonly<Record<string, Background>> = {
  auto: "auto",
  white: "#ffffff",
  black: "#000000",
  grey: "#808080",
};

/** The background by its name or as `#rrggbb`; null for anything else. */
export function parseBackground(text: string): Background | null {
  const named = BACKGROUND_NAMES[text.toLowerCase()];
  if (named !== undefined) return named;
  return /^#[0-9a-f]{6}$/i.test(text) ? (text.toLowerCase() as Background) : null;
}

/** A pixel is visible on white if its luma is this far below 255. */
const LEAST_CONTRAST = 32;
/**
 * The share of the opaque pixels, weighted by their opacity, that must be visible. The thin outlines of a
 * white drawing reach it.
 */
const LEAST_SEEN = 1 / 20;
/** A smaller share of transparency is ignored: it is the rim of a frame, or a rounding error. */
const LEAST_TRANSPARENT = 0.001;
/** The colour of fainter pixels cannot be known. */
const LEAST_OPACITY = 0.02;

/**
 * Chooses the background for a picture with transparency: white, or black if almost nothing would be visible
 * on white. A pixel is visible on white if its luma (Rec. 601) is 223 or less; a twentieth of the pixels,
 * weighted by their opacity, must be visible.
 *
 * Both versions together give the opacity of each pixel, 1 - (white - black) / 255, and its colour, black /
 * opacity.
 *
 * @param onWhite the picture on a white background, `[pixels, 3]`.
 * @param onBlack the same on black.
 * @returns null for a picture that turns out to be opaque: both versions are the same.
 */
export function chooseBackground(onWhite: Uint8Array, onBlack: Uint8Array): "white" | "black" | null {
  let [visible, seen] = [0, 0];
  for (let i = 0; i < onWhite.length; i += 3) {
    const white = lumaAt(onWhite, i);
    const opacity = 1 - (white - lumaAt(onBlack, i)) / 255;
    visible += opacity;
    if (opacity >= LEAST_OPACITY && 255 - white >= LEAST_CONTRAST * opacity) seen += opacity;
  }
  const pixels = onWhite.length / 3;
  if (1 - visible / pixels < LEAST_TRANSPARENT) return null;
  return seen >= LEAST_SEEN * visible ? "white" : "black";
}

function lumaAt(data: Uint8Array, at: number): number {
  return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}
