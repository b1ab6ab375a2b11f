/**
 * Crops of two sizes (Caron et al. 2020, arXiv 2006.09882, section 3.3): a few global ones that see most of a
 * picture, and many local ones that see little of it and cost little.
 */
import type { ViewSpec } from "../../augment/view-spec.ts";
import type { Backbone } from "../../backbones/backbone.ts";
import type { Scope } from "../../nn/scope.ts";
import type { ViewGroup } from "../../objectives/objective.ts";
import { concat, split, type Tensor } from "../../tensor/index.ts";

/** Global crops of a picture in all methods here. */
export const GLOBAL_CROPS = 2;

/** Views, global ones first, as groups of one size each: `global`, and `local` where there are any. */
export function cropGroups(views: readonly ViewSpec[]): ViewGroup[] {
  const groups = [{ name: "global", views: views.slice(0, GLOBAL_CROPS) }];
  return views.length === GLOBAL_CROPS
    ? groups
    : [...groups, { name: "local", views: views.slice(GLOBAL_CROPS) }];
}

/**
 * The backbone on each group of views separately, since sizes differ, stacked: `[V·B, D]`, in the order of
 * the groups.
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
