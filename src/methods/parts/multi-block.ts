/**
 * The masks of I-JEPA: several blocks of a picture are targets. The context is a large square block without
 * the targets' patches. Source: arXiv 2301.08243, section 3; `src/masks/multiblock.py` in
 * facebookresearch/ijepa.
 *
 * The authors draw the sizes of blocks once a batch, so all pictures have equally many patches, and cut
 * contexts to the smallest of the batch. A graph of fixed shapes needs numbers that hold for the whole run.
 * So all targets have one area, and each target has a random shape of that area within the ratios. A context
 * is a random choice, of a fixed number, among the patches that are left (the authors keep the upper ones).
 */
import { AfterimageError } from "../../errors.ts";
import type { Draw } from "../../objectives/draw.ts";
import { optionName } from "../../options/option-name.ts";
import type { RandomStream } from "../../random/random-stream.ts";

type Range = readonly [number, number];

/** Height and width, in patches. */
export type BlockShape = readonly [number, number];

export interface MultiBlockOptions {
  /** Patches along a side of the picture. */
  side: number;
  /** Number of targets. */
  targets: number;
  /** Area of a target as a share of the picture, and its height divided by its width. */
  targetScale: Range;
  targetAspect: Range;
  /** Area of the square from which the context is taken, as a share of the picture. */
  contextScale: Range;
  /** Patches of the context, as a share of the picture. */
  contextShare: number;
}

export interface MultiBlockPlan {
  side: number;
  targets: number;
  shapes: readonly BlockShape[];
  /** M, the patches of a target. */
  targetPatches: number;
  contextScale: Range;
  /** C, the patches of a context. */
  contextPatches: number;
}

/** Attempts at blocks that leave enough patches for a context. */
const TRIES = 50;

/**
 * Chooses the sizes that hold for a run.
 *
 * @throws AfterimageError `method/settings` when no block has such a shape, or blocks never leave enough
 * patches for a context.
 */
export function planBlocks(options: MultiBlockOptions): MultiBlockPlan {
  const { side, targets, contextScale, contextShare } = options;
  const shapes = targetShapes(options);
  if (shapes === null)
    throw refused("targetAspect", "ratios that whole patches can have", options.targetAspect);
  const [height, width] = shapes[0]!;
  const targetPatches = height * width;
  const contextPatches = Math.max(1, Math.floor(contextShare * side ** 2));
  const most = Math.floor(contextScale[1] * side ** 2) - targetPatches;
  if (contextPatches > most)
    throw refused("contextShare", `at most ${most} of ${side ** 2} patches`, contextPatches);
  return { side, targets, shapes, contextScale, targetPatches, contextPatches };
}

function refused(setting: string, expected: string, got: number | Range): AfterimageError {
  return new AfterimageError("method/settings", {
    what: "pictures cannot be cut into such blocks",
    where: optionName(`settings.${setting}`),
    expected,
    got: JSON.stringify(got),
    todo: "Leave it out, or choose smaller patches or larger pictures.",
  });
}

/**
 * All shapes of one area. The area is within the scale, or nearest to it. Of several such areas, the one with
 * the most shapes is taken, then the most central one.
 */
function targetShapes({ side, targetScale, targetAspect }: MultiBlockOptions): readonly BlockShape[] | null {
  const byArea = new Map<number, BlockShape[]>();
  const sizes = Array.from({ length: Math.max(1, side - 1) }, (_, i) => i + 1);
  for (const height of sizes)
    for (const width of sizes)
      if (height / width >= targetAspect[0] && height / width <= targetAspect[1])
        byArea.set(height * width, [...(byArea.get(height * width) ?? []), [height, width]]);
  const [low, high] = targetScale.map((share) => share * side ** 2) as [number, number];
  const outside = (area: number) => Math.max(low - area, area - high, 0);
  const [best] = [...byArea].sort(
    ([a, ofA], [b, ofB]) =>
      outside(a) - outside(b) ||
      ofB.length - ofA.length ||
      Math.abs(a - (low + high) / 2) - Math.abs(b - (low + high) / 2),
  );
  return best?.[1] ?? null;
}

/**
 * Draws the places of each picture's context and blocks, in the order of {@link writeBlocks}: int32
 * `[B, C + K·M]`.
 */
export function blocksDraw(plan: MultiBlockPlan): Draw {
  return {
    name: "blocks",
    stage: "embed",
    per: "picture",
    dtype: "int32",
    shape: (pictures) => [pictures, blockDrawSize(plan)],
    fill: (out, random) => writeBlocks(out, random, plan),
  };
}

/** Numbers in the draw of a picture. */
export function blockDrawSize({ targets, targetPatches, contextPatches }: MultiBlockPlan): number {
  return contextPatches + targets * targetPatches;
}

/**
 * Draws a picture's places: the C places of its context in random order, then the M places of each block, row
 * by row. Blocks may overlap each other. A context contains none of their patches, unless {@link TRIES}
 * attempts leave too few others.
 */
export function writeBlocks(
  out: Float32Array | Int32Array,
  random: RandomStream,
  plan: MultiBlockPlan,
): void {
  const { side, targets, shapes, contextPatches } = plan;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const blocks = Array.from({ length: targets }, () =>
      blockAt(shapes[random.integer(0, shapes.length)]!, side, random),
    );
    const hidden = new Set(blocks.flat());
    const around = contextBlock(plan, random);
    const free = around.filter((place) => !hidden.has(place));
    if (free.length < contextPatches && attempt < TRIES - 1) continue;
    const rest = Array.from({ length: side ** 2 }, (_, place) => place).filter(
      (place) => !free.includes(place),
    );
    const context = [...shuffled(free, random), ...shuffled(rest, random)].slice(0, contextPatches);
    out.set([...context, ...blocks.flat()]);
    return;
  }
}

function contextBlock({ side, contextScale }: MultiBlockPlan, random: RandomStream): number[] {
  const edge = Math.round(Math.sqrt(random.uniform(...contextScale)) * side);
  const size = Math.min(side, Math.max(1, edge));
  return blockAt([size, size], side, random);
}

/** Places of a block somewhere in the picture, row by row. */
function blockAt([height, width]: BlockShape, side: number, random: RandomStream): number[] {
  const top = random.integer(0, side - height + 1);
  const left = random.integer(0, side - width + 1);
  return Array.from(
    { length: height * width },
    (_, i) => (top + Math.floor(i / width)) * side + left + (i % width),
  );
}

function shuffled(places: readonly number[], random: RandomStream): number[] {
  return Array.from(random.permutation(places.length), (i) => places[i]!);
}
