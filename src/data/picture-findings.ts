/** Facts about a picture that its user should know. */
export const FINDINGS = [
  "oneColour",
  "narrow",
  "repeated",
  "poor",
  "onWhite",
  "onBlack",
  "cropped",
  "fewerBits",
  "ownRange",
] as const;
export type FindingName = (typeof FINDINGS)[number];

/** The number of pictures, and the first of their names. */
export interface Finding {
  count: number;
  names: readonly string[];
}

/** Findings by name; without entries for those that no picture has. */
export type PictureFindings = Readonly<Partial<Record<FindingName, Finding>>>;

/** A decoded picture. */
export interface ExaminedPicture {
  name: string;
  /** A hash that is equal for equal pixels. */
  hash: string;
  /** The largest difference within a channel, 0 to 255. */
  span: number;
  backdrop?: "white" | "black" | undefined;
  cropped?: boolean | undefined;
  scaling?: "fewer-bits" | "own-range" | undefined;
}

/** The number of names kept for each finding. */
const KEPT_NAMES = 3;
/**
 * A picture whose channels vary by at most this is of one colour; JPEG and WebP coding leaves this much
 * variation.
 */
const MOST_OF_ONE_COLOUR = 2;
/** A sixteenth of the range from black to white: the part that 12 bits use of 16. */
const NARROW_SPAN = 16;

/**
 * Counts facts that a user should know of pictures before a network learns from them:
 *
 * - `oneColour`: no channel varies by more than 2 of 255;
 * - `narrow`: none varies by 16 or more;
 * - `repeated`: the same pixels as an earlier picture;
 * - `poor`: any of these;
 * - `onWhite`, `onBlack`: transparency was put on this background;
 * - `cropped`: only the middle is kept;
 * - `fewerBits`, `ownRange`: how samples were scaled if the file does not say it.
 */
export function findInPictures(pictures: Iterable<ExaminedPicture>): PictureFindings {
  const found = new Map<FindingName, { count: number; names: string[] }>();
  const seen = new Set<string>();
  for (const picture of pictures) {
    const isRepeated = seen.has(picture.hash);
    seen.add(picture.hash);
    for (const name of findingsOf(picture, isRepeated)) {
      const finding = found.get(name) ?? { count: 0, names: [] };
      finding.count++;
      if (finding.names.length < KEPT_NAMES) finding.names.push(picture.name);
      found.set(name, finding);
    }
  }
  return Object.fromEntries(found);
}

function findingsOf(picture: ExaminedPicture, isRepeated: boolean): FindingName[] {
  const { span, backdrop, cropped, scaling } = picture;
  const isOneColour = span <= MOST_OF_ONE_COLOUR;
  const isNarrow = !isOneColour && span < NARROW_SPAN;
  const holds: Readonly<Record<FindingName, boolean>> = {
    oneColour: isOneColour,
    narrow: isNarrow,
    repeated: isRepeated,
    poor: isOneColour || isNarrow || isRepeated,
    onWhite: backdrop === "white",
    onBlack: backdrop === "black",
    cropped: cropped === true,
    fewerBits: scaling === "fewer-bits",
    ownRange: scaling === "own-range",
  };
  return FINDINGS.filter((name) => holds[name]);
}

/**
 * The findings of several parts together, whose pictures' names get a prefix. Only repeats within a part
 * count.
 */
export function joinFindings(
  parts: Iterable<{ prefix: string; findings: PictureFindings }>,
): PictureFindings {
  const joined = new Map<FindingName, Finding>();
  for (const { prefix, findings } of parts) {
    for (const name of FINDINGS) {
      const finding = findings[name];
      if (finding === undefined) continue;
      const before = joined.get(name) ?? { count: 0, names: [] };
      const names = [...before.names, ...finding.names.map((picture) => prefix + picture)];
      joined.set(name, { count: before.count + finding.count, names: names.slice(0, KEPT_NAMES) });
    }
  }
  return Object.fromEntries(joined);
}

/** Whether a value read from disk has the form of {@link findInPictures}'s result. */
export function isFindings(value: unknown): value is PictureFindings {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(
    ([name, finding]) => FINDINGS.includes(name as FindingName) && isFinding(finding),
  );
}

function isFinding(value: unknown): value is Finding {
  const { count, names } = (value ?? {}) as Partial<Finding>;
  return (
    Number.isSafeInteger(count) && Array.isArray(names) && names.every((name) => typeof name === "string")
  );
}

/**
 * The largest difference within a channel of pixels that lie one after another: of `channels` planes, or
 * interleaved.
 */
export function pixelSpan(pixels: Uint8Array, channels: number, layout: "planar" | "interleaved"): number {
  const [step, next] = layout === "planar" ? [1, pixels.length / channels] : [channels, 1];
  let span = 0;
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * next;
    const end = layout === "planar" ? start + next : pixels.length;
    let [low, high] = [255, 0];
    for (let i = start; i < end; i += step) {
      const value = pixels[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    span = Math.max(span, high - low);
  }
  return span;
}
