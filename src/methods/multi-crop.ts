/**
 * Crops of two sizes (Caron et al. 2020, arXiv 2006.09882, section 3.3): a few global ones that see most of a picture, and
 * many local ones that see little of it and cost little.
 */
import type { ViewSpec } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import type { Scope } from "../nn/scope.ts";
import { concat, type Tensor } from "../tensor/index.ts";
import type { Situation, ViewGroup } from "./method.ts";

/** Global crops of a picture in all methods here. */
export const GLOBAL_CROPS = 2;

/** Local crops at 3/7 of the image size as 96 of 224, in whole patches; for a ResNet in steps of 4 pixels. */
export function localSizeFor({ imageSize, multipleOf }: Situation): number {
  const unit = multipleOf > 1 ? multipleOf : 4;
  return Math.max(unit, Math.round((imageSize * 3) / 7 / unit) * unit);
}

/** How many local crops: the authors' number for pictures like theirs, none where a crop of a crop is a few pixels wide. */
export function localCropsFor({ imageSize }: Situation, authors: number): number {
  if (imageSize >= 128) return authors;
  return imageSize < 48 ? 0 : 4;
}

/**
 * Area of a global crop, as a share: the authors' where there are local crops; without these, which show what is small, from .14 on
 * (help of `--global_crops_scale` in DINO's `main_dino.py`, default of iBOT's `main_ibot.py`).
 */
export function globalScaleFor(situation: Situation, authors: number): [number, number] {
  return [localCropsFor(situation, 1) === 0 ? 0.14 : authors, 1];
}

/** Views, global ones first, as groups of one size each: `global`, and `local` where there are any. */
export function cropGroups(views: readonly ViewSpec[]): ViewGroup[] {
  const groups = [{ name: "global", views: views.slice(0, GLOBAL_CROPS) }];
  return views.length === GLOBAL_CROPS
    ? groups
    : [...groups, { name: "local", views: views.slice(GLOBAL_CROPS) }];
}

/** The backbone on each group of views by itself, since sizes differ, stacked: `[V·B, D]`, in the order of the groups. */
export function cropFeatures(
  root: Scope,
  backbone: Backbone,
  views: Readonly<Record<string, Tensor>>,
  groups: readonly string[] = Object.keys(views),
): Tensor {
  return concat(groups.map((group) => backbone.build(root.at("backbone"), views[group]!).features));
}
