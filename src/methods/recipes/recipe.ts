/**
 * The settings and the optimiser that a method recommends: the authors' in long runs, others in short runs.
 *
 * Scores of short runs are those of docs/quality.md: accuracy by kNN and by a linear probe on the nine
 * categories of the test emoji, mean ± deviation of three seeds. Raw pixels have 52.3 % and 53.3 %.
 */
import type { TrainingDefaults } from "../../objectives/method.ts";
import type { Situation } from "../../objectives/situation.ts";

export interface Recipe<S extends object> {
  /** Complete settings. */
  defaults(situation: Situation): S;
  training(settings: S, situation: Situation): TrainingDefaults;
}

/** The differences from the authors' recipe in short runs. */
export interface ShortRecipe<S extends object> {
  defaults?(situation: Situation): Partial<S>;
  /** The differences from AdamW with a warm-up and a cosine to 0. */
  training?(situation: Situation): Partial<TrainingDefaults>;
}
