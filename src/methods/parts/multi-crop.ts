/**
 * Crops of two sizes (Caron et al. 2020, arXiv 2006.09882, section 3.3): a few global ones that show most of
 * a picture, and many local ones that show little of it and cost little.
 */
import type { ViewSpec } from "../../augment/view-spec.ts";
import type { Backbone } from "../../backbones/backbone.ts";
import type { Scope } from "../../nn/scope.ts";
import type { ViewGroup } from "../../objectives/objective.ts";
import { concat, split, type Tensor } from "../../tensor/index.ts";

/** The number of global crops of a picture, in all methods here. */
export const GLOBAL_CROPS = 2;

/** Groups of views of one size each, global ones first: `global`, and `local` if there are local crops. */
export function cropGroups(views: readonly ViewSpec[]): ViewGroup[] {
  const groups = [{ name: "global", views: views.slice(0, GLOBAL_CROPS) }];
  return views.length === GLOBAL_CROPS
    ? groups
    : [...groups, { name: "local", views: views.slice(GLOBAL_CROPS) }];
}

/**
 * The backbone's features of each group of views, stacked: `[V·B, D]`, in the order of the groups. Groups are
 * computed separately, because their sizes differ.
 */
export function cropFeatures(
  root: Scope,
  backbone: Backbone,
  views: Readonly<Record<string, Tensor>>,
  groups: readonly string[] = Object.keys(views),
): Tensor {
  return concat(groups.map((group) => backbone.build(root.at("backbone"), views[group]!).features));
}

/** Rows `[V·B, …]` crop by crop: V tensors `[B, …]`. */
export function byCrop(rows: Tensor, batchSize: number): readonly Tensor[] {
  const crops = rows.shape[0]! / batchSize;
  return split(rows, 0, new Array<number>(crops).fill(batchSize));
}
