/** Masks and the pictures that they are of, by their names. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";

/** A mask has the path of its picture, with any ending. */
export const SAME_NAME = "{stem}";

/**
 * The mask of each picture.
 *
 * @param pictures relative paths with `/`, such as `town/a.jpg`.
 * @param masks relative paths of all masks.
 * @param pattern the path of a picture's mask: `{stem}` stands for the picture's path without its ending.
 * Without an ending the mask may have any.
 * @throws AfterimageError `data/targets` for a picture without a mask, or with several, and for a mask
 * without a picture; `usage/value` for a pattern without `{stem}`.
 */
export function pairMasks(
  pictures: readonly string[],
  masks: readonly string[],
  pattern: string = SAME_NAME,
): string[] {
  if (!pattern.includes(SAME_NAME)) {
    throw new AfterimageError("usage/value", {
      what: "the pattern of masks is the same for all pictures",
      where: optionName("masks"),
      expected: "a pattern with {stem}, such as {stem}_mask.png",
      got: pattern,
    });
  }
  const isWhole = endingOf(pattern) !== "";
  const byKey = new Map<string, string[]>();
  for (const mask of masks) {
    const key = isWhole ? mask : stemOf(mask);
    byKey.set(key, [...(byKey.get(key) ?? []), mask]);
  }
  const pairs = pictures.map((picture) => maskOf(picture, byKey, pattern));
  const used = new Set(pairs);
  const left = masks.filter((mask) => !used.has(mask));
  if (left.length > 0) throw unpaired("masks have no picture", left, `a picture for each, by ${pattern}`);
  return pairs;
}

function maskOf(picture: string, byKey: ReadonlyMap<string, readonly string[]>, pattern: string): string {
  const wanted = pattern.replaceAll(SAME_NAME, stemOf(picture));
  const [mask, ...others] = byKey.get(wanted) ?? [];
  if (mask === undefined) throw unpaired("pictures have no mask", [picture], `a mask called ${wanted}`);
  if (others.length > 0)
    throw unpaired("pictures have several masks", [mask, ...others], `one mask of ${picture}`);
  return mask;
}

/** The path without the ending of the file's name. */
function stemOf(path: string): string {
  return path.slice(0, path.length - endingOf(path).length);
}

/** `.png`, or nothing. */
function endingOf(path: string): string {
  return /[^/](\.[^./{}]+)$/.exec(path)?.[1] ?? "";
}

/** Paths that an error shows. */
const SHOWN = 3;

function unpaired(what: string, paths: readonly string[], expected: string): AfterimageError {
  const shown = paths.slice(0, SHOWN).join(", ");
  const more = paths.length > SHOWN ? `, and ${paths.length - SHOWN} more` : "";
  return new AfterimageError("data/targets", {
    what:
      paths.length === 1
        ? what.replace("masks have", "a mask has").replace("pictures have", "a picture has")
        : what,
    where: `${shown}${more}`,
    expected,
  });
}
