/**
 * What kernels of some providers lack, and how a graph does without: each gap is closed by a rule that writes
 * a node in others, with the same numbers.
 */
import { type RewriteRule, rewrite } from "../rewrite.ts";
import type { Tensor } from "../tensor.ts";
import { evenGroups } from "./even-groups.ts";
import { poolByTaps } from "./pool-by-taps.ts";
import { splitInStages } from "./split-in-stages.ts";

const RULES = {
  /** Nodes of many outputs: each is a buffer of its own, and a device binds few at once. */
  "many-outputs": splitInStages,
  /** Convolutions in groups whose filters, more than four, are no multiple of four. */
  "uneven-groups": evenGroups,
  /** The places of the winners of a max pool. */
  "pool-places": poolByTaps,
} satisfies Record<string, RewriteRule>;

export type KernelGap = keyof typeof RULES;

/** The graph of `outputs` without what falls into one of the gaps. */
export function fillGaps(
  outputs: Readonly<Record<string, Tensor>>,
  gaps: readonly KernelGap[],
): Readonly<Record<string, Tensor>> {
  return gaps.reduce((graph, gap) => rewrite(graph, RULES[gap]), outputs);
}
