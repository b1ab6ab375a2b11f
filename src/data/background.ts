/** What transparency is laid over: a colour `#rrggbb`, or white or black, whichever a picture is seen on. */
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

/** A visible pixel is seen on white when its luma lies this far below 255, of 255. */
const LEAST_CONTRAST = 32;
/**
 * The share of the visible pixels, by their opacity, that has to be seen: thin outlines of a white drawing
 * do.
 */
const LEAST_SEEN = 1 / 20;
/** A smaller share of transparency is none: it is the rim of a frame, or an error of rounding. */
const LEAST_TRANSPARENT = 0.001;
/** What is fainter than this has no colour that could be known. */
const LEAST_OPACITY = 0.02;

/**
 * Chooses what a picture with transparency is laid over: white, unless hardly anything of it would be seen
 * there; then black. A visible pixel is seen on white when its luma (Rec. 601) is 223 or less; a twentieth of
 * the visible pixels, weighted by their opacity, must be.
 *
 * Both layings say how opaque each pixel is, 1 - (white - black) / 255, and its colour, black / opacity.
 *
 * @param onWhite the picture laid over white, `[pixels, 3]`.
 * @param onBlack the same over black.
 * @returns null for a picture that is opaque after all: it is the same over both.
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
