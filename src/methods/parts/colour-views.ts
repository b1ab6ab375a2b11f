/** Views that consist of some channels of a picture in a colour space. */
import {
  COLOUR_SPACES,
  type ColourSpaceName,
  channelsOf,
  toColourSpace,
} from "../../augment/colour-spaces.ts";
import { NORMALIZATION } from "../../augment/view-spec.ts";
import type { Tensor } from "../../tensor/index.ts";

export interface ColourSplit {
  colours: ColourSpaceName;
  /**
   * Names of the views, each composed of the names of its channels. null: lightness, and the two channels of
   * colour.
   */
  split: string[] | null;
}

/** Names of the views, in their order. */
export function colourViewNames({ colours, split }: ColourSplit): string[] {
  const { channels } = COLOUR_SPACES[colours];
  return split ?? [channels[0], channels[1] + channels[2]];
}

/** The views of pictures `[B, 3, H, W]`, by name: the channels of each, normalised. */
export function colourViews(pictures: Tensor, split: ColourSplit): Record<string, Tensor> {
  const { channels } = COLOUR_SPACES[split.colours];
  const converted = toColourSpace(pictures, COLOUR_SPACES[split.colours], NORMALIZATION);
  const names = colourViewNames(split);
  return Object.fromEntries(
    names.map((name) => [name, channelsOf(converted, indicesOf(name, channels) ?? [])]),
  );
}

/**
 * Whether there are two views or more, each name consists of channels, and no two views have the same
 * channels.
 */
export function isSplit(split: readonly string[], channels: readonly string[]): boolean {
  const seen = split.map((name) => indicesOf(name, channels)?.sort().join());
  const apart = new Set(seen).size === split.length; // "ab" and "ba" are the same channels
  return split.length >= 2 && apart && seen.every((indices) => indices !== undefined);
}

/** Indices of the channels that a name consists of; null if it contains anything else or a channel twice. */
function indicesOf(name: string, channels: readonly string[]): number[] | null {
  const indices: number[] = [];
  for (let rest = name; rest !== ""; ) {
    const index = channels.findIndex((channel) => rest.startsWith(channel));
    if (index < 0 || indices.includes(index)) return null;
    indices.push(index);
    rest = rest.slice(channels[index]!.length);
  }
  return indices.length === 0 ? null : indices;
}
