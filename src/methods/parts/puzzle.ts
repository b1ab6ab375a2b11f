/** A picture cut into nine patches, which come in one of a set of orders. */

import { AfterimageError } from "../../errors.ts";
import type { Draw } from "../../objectives/draw.ts";
import type { Situation } from "../../objectives/situation.ts";
import { optionName } from "../../options/option-name.ts";
import { reshape, sliceAxis, type Tensor, transpose } from "../../tensor/index.ts";
import { distantPermutations } from "./distant-permutations.ts";

/** Cells along a side of the picture. */
export const SIDE = 3;
const CELLS = SIDE * SIDE;

export interface PuzzleOptions {
  /** Number of orders. */
  permutations: number;
  /** Side of a patch, in pixels. */
  patchSize: number;
}

/**
 * Draws the upper left corners `(y, x)` of the nine patches in their shuffled order, and the index of that
 * order: int32 `[B, 9·2 + 1]`.
 *
 * @throws AfterimageError `method/settings` for patches that do not fit into a cell.
 */
export function puzzleDraw({ permutations, patchSize }: PuzzleOptions, situation: Situation): Draw {
  requireRoom(patchSize, situation);
  const cell = Math.floor(situation.imageSize / SIDE);
  return {
    name: "puzzle",
    stage: "embed",
    per: "picture",
    dtype: "int32",
    shape: (pictures) => [pictures, 2 * CELLS + 1],
    fill(out, random) {
      const orders = distantPermutations(CELLS, permutations);
      const chosen = random.integer(0, permutations);
      for (const [place, from] of orders[chosen]!.entries()) {
        out[2 * place] = Math.floor(from / SIDE) * cell + random.integer(0, cell - patchSize + 1);
        out[2 * place + 1] = (from % SIDE) * cell + random.integer(0, cell - patchSize + 1);
      }
      out[2 * CELLS] = chosen;
    },
  };
}

/** Corners `[B, 9, 2]` and orders `[B]` from {@link puzzleDraw}, both int32. */
export function puzzleParts(drawn: Tensor): { corners: Tensor; order: Tensor } {
  const b = drawn.shape[0]!;
  return {
    corners: reshape(sliceAxis(drawn, 1, 0, 2 * CELLS), [b, CELLS, 2]),
    order: reshape(sliceAxis(drawn, 1, 2 * CELLS, 2 * CELLS + 1), [b]),
  };
}

/** From patches `[9·B, …]`, all pictures' first patches first, to `[B, 9, n]` with n numbers a patch. */
export function byPicture(x: Tensor): Tensor {
  return transpose(reshape(x, [CELLS, x.shape[0]! / CELLS, -1]), [1, 0, 2]);
}

function requireRoom(patchSize: number, { imageSize, multipleOf }: Situation): void {
  const cell = Math.floor(imageSize / SIDE);
  if (patchSize <= cell && patchSize % multipleOf === 0) return;
  throw new AfterimageError("method/settings", {
    what: "patches do not fit into a third of the picture",
    where: optionName("settings.patchSize"),
    expected: `at most ${cell} pixels${multipleOf > 1 ? `, a multiple of ${multipleOf}` : ""}`,
    got: `${patchSize}`,
    todo: `Choose another patchSize, a larger ${optionName("imageSize")} or a smaller ${optionName("patch")}.`,
  });
}
