/** What stands for the parts of an objective that are left out. */
import { NORMALIZATION } from "../augment/view-spec.ts";
import { AfterimageError } from "../errors.ts";
import type { Draw } from "./draw.ts";
import type { Objective, ViewGroup } from "./objective.ts";

/** An objective with nothing left to ask for. */
export type CompleteObjective = Required<Omit<Objective, "teacher" | "given" | "reconstruct">> &
  Pick<Objective, "teacher" | "given" | "reconstruct">;

/** The central square of each picture, resized and normalised as an encoder sees it: the group `picture`. */
export function wholePicture(size: number): ViewGroup {
  const crop = { scale: [1, 1], ratio: [1, 1], interpolation: "bilinear" } as const;
  const plain = { flip: 0, jitter: null, greyscale: 0, blur: null, solarize: null };
  return { name: "picture", views: [{ name: "picture", size, crop, ...plain, normalize: NORMALIZATION }] };
}

/**
 * @throws AfterimageError `method/objective` for a draw of both stages that is drawn for each part, if the
 * loss couples the batch: there is one draw for each part, and one loss of all of them.
 */
export function completeObjective(objective: Objective, imageSize: number): CompleteObjective {
  const { views = [wholePicture(imageSize)], targets = [], draws = [], memories = [] } = objective;
  const { gates = [], rates = [], constraints = [], couplesBatch = true } = objective;
  const { teacher, given, reconstruct } = objective;
  if (couplesBatch) requireOneDraw(draws);
  return {
    ...{ views, targets, draws, memories, gates, rates, constraints, couplesBatch },
    scalars: (plan) => objective.scalars?.(plan) ?? {},
    embed: (context) => objective.embed(context),
    loss: (embeddings, context) => objective.loss(embeddings, context),
    ...(teacher && { teacher }),
    ...(given !== undefined && { given }),
    ...(reconstruct && { reconstruct: (context) => reconstruct.call(objective, context) }),
  };
}

function requireOneDraw(draws: readonly Draw[]): void {
  const shared = draws.find(({ stage, per }) => stage === "both" && per === "part");
  if (shared === undefined) return;
  throw new AfterimageError("method/objective", {
    what: "the loss compares all pictures of a batch, so no draw for a part of them can be the same in it",
    where: `the draw ${shared.name}`,
    expected: "a draw for each picture, or of one stage",
    got: "a draw for each part, of both stages",
    todo: "Say couplesBatch: false if the loss is the mean of the losses of the batch's parts.",
  });
}
