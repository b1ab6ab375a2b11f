/** A part of the labelled pictures that never trains. */
import { AfterimageError } from "../errors.ts";
import { type Chance, chanceOf, classesByChance } from "./by-chance.ts";

export interface ValidationSplitOptions {
  /** The share of each class to validate with, above 0 and below 1. */
  share: number;
  seed: number;
  /**
   * A number for each picture; pictures with the same one, such as near-copies, stay on one side ({@link
   * linkedGroups}). By default every picture is a group of its own.
   */
  groups?: ArrayLike<number> | undefined;
  /** A name for each picture. With names the split depends on them, and not on the order of the pictures. */
  names?: readonly string[] | undefined;
}

/** Places of pictures, ascending; together they are all labelled ones. */
export interface ValidationSplit {
  training: Int32Array;
  validation: Int32Array;
}

/**
 * Divides labelled pictures. Of a class with n pictures, share · n are wanted for validation, rounded, at
 * least 1 and at most n - 1. Groups are drawn in a random order, and one is taken if no class then has more
 * than it wants. Without groups every class has what it wants; with groups it may have fewer, or none if it
 * is one single group.
 *
 * @param labels the class of each picture; a negative number for a picture without a label, which is on
 * neither side.
 * @throws AfterimageError `usage/value` for another share, `data/targets` for another number of groups than
 * of pictures.
 */
export function validationSplit(labels: ArrayLike<number>, options: ValidationSplitOptions): ValidationSplit {
  const { share, seed, groups, names } = options;
  const chance = { seed, names, stream: "validation-split" };
  requireShare(share);
  requireGroups(labels, groups);
  const classes = classesByChance(labels, chance);
  const free = new Map([...classes].map(([label, own]) => [label, wanted(own.length, share)]));
  const held = new Set<number>();
  for (const group of groupsByChance([...classes.values()].flat(), chance, groups)) {
    const counts = countByClass(labels, group);
    if (![...counts].every(([label, count]) => count <= free.get(label)!)) continue;
    for (const [label, count] of counts) free.set(label, free.get(label)! - count);
    for (const place of group) held.add(place);
  }
  const all = Int32Array.from([...classes.values()].flat()).sort();
  return {
    training: all.filter((place) => !held.has(place)),
    validation: all.filter((place) => held.has(place)),
  };
}

function wanted(members: number, share: number): number {
  return Math.min(members - 1, Math.max(1, Math.round(members * share)));
}

/** The groups as lists of places, sorted by the least random number in each. */
function groupsByChance(
  places: readonly number[],
  chance: Chance,
  groups: ArrayLike<number> | undefined,
): number[][] {
  const of = chanceOf(chance);
  const members = new Map<number, { places: number[]; least: number }>();
  for (const place of places.toSorted((a, b) => a - b)) {
    const group = groups === undefined ? place : groups[place]!;
    const own = members.get(group) ?? { places: [], least: 1 };
    own.places.push(place);
    own.least = Math.min(own.least, of(place));
    members.set(group, own);
  }
  return [...members.values()].sort((a, b) => a.least - b.least).map((group) => group.places);
}

function countByClass(labels: ArrayLike<number>, places: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const place of places) counts.set(labels[place]!, (counts.get(labels[place]!) ?? 0) + 1);
  return counts;
}

function requireShare(share: number): void {
  if (share > 0 && share < 1) return;
  throw new AfterimageError("usage/value", {
    what: "the share to validate with is out of range",
    expected: "a number above 0 and below 1",
    got: String(share),
  });
}

function requireGroups(labels: ArrayLike<number>, groups: ArrayLike<number> | undefined): void {
  if (groups === undefined || groups.length === labels.length) return;
  throw new AfterimageError("data/targets", {
    what: "the groups do not match the pictures",
    expected: `${labels.length} numbers, one for each picture`,
    got: `${groups.length}`,
  });
}
