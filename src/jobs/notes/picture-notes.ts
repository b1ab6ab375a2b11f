/** Notes for the user about the pictures that were opened. */

import type { PictureDataset, SkippedPicture } from "../../data/picture-dataset.ts";
import type { Finding, FindingName } from "../../data/picture-findings.ts";
import { optionName } from "../../options/option-name.ts";

const SHOWN = 3;

/** Notes of all jobs: skipped files, how pictures came out, and why labels are not used. */
export function pictureNotes(dataset: PictureDataset): string[] {
  const { notes = [], unlabelled = null } = dataset;
  const unused = unlabelled === null ? [] : [`labels are not used: ${unlabelled}`];
  return [...notes, ...findingNotes(dataset), ...unused];
}

/** The words for each finding: for one picture, and for several. */
const WORDS: Readonly<Record<Exclude<FindingName, "poor">, readonly [string, string]>> = {
  oneColour: ["picture is a single colour once decoded", "pictures are a single colour once decoded"],
  narrow: [
    "picture uses less than a sixteenth of the range from black to white",
    "pictures use less than a sixteenth of the range from black to white",
  ],
  repeated: ["picture has the same pixels as another one", "pictures have the same pixels as another one"],
  onBlack: [
    "transparent picture is composited on black, because it would be hardly visible on white",
    "transparent pictures are composited on black, because they would be hardly visible on white",
  ],
  onWhite: ["transparent picture is composited on white", "transparent pictures are composited on white"],
  cropped: [
    "picture is longer than 3:1 and is cropped to its middle",
    "pictures are longer than 3:1 and are cropped to their middle",
  ],
  fewerBits: [
    "picture uses fewer bits than its samples have and is scaled by the bits used",
    "pictures use fewer bits than their samples have and are scaled by the bits used",
  ],
  ownRange: [
    "picture is scaled from its own smallest sample to its largest one",
    "pictures are scaled from their own smallest sample to their largest one",
  ],
};

/** The findings from decoding: one sentence for poor pictures, and a sentence for each other finding. */
export function findingNotes({ findings = {}, size }: PictureDataset): string[] {
  const say = (name: keyof typeof WORDS) => phrase(findings[name], WORDS[name]);
  const poor = [...say("oneColour"), ...say("narrow")];
  const grounds = findings.onBlack === undefined ? [] : [...say("onBlack"), ...say("onWhite")];
  return [
    ...(poor.length === 0 ? [] : [`of ${size} pictures: ${poor.join("; ")}`]),
    ...say("repeated"),
    ...(grounds.length === 0
      ? []
      : [`${grounds.join("; ")}; ${optionName("background")} sets one colour for all`]),
    ...say("cropped"),
    ...say("fewerBits"),
    ...say("ownRange"),
  ];
}

/** `3 pictures … (a, b, c and 2 more)`; nothing if there are none. */
function phrase(finding: Finding | undefined, [one, many]: readonly [string, string]): string[] {
  if (finding === undefined || finding.count === 0) return [];
  const { count, names } = finding;
  const more = count - names.length;
  return [`${count} ${count === 1 ? one : many} (${names.join(", ")}${more > 0 ? ` and ${more} more` : ""})`];
}

/** A note on pictures that could not be read, with the first few names. */
export function skippedNotes({ skipped }: PictureDataset): string[] {
  if (skipped.length === 0) return [];
  const shown = skipped.slice(0, SHOWN).map(({ path, reason }: SkippedPicture) => `${path} (${reason})`);
  const more = skipped.length - shown.length;
  const count = `${skipped.length} ${skipped.length === 1 ? "picture" : "pictures"}`;
  return [`skipped ${count}: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
}
