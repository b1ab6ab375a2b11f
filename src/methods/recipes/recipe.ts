/**
 * What methods recommend: settings and optimiser, as their authors had them and in short runs.
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

/** What differs from the authors' recipe in short runs. */
export interface ShortRecipe<S extends object> {
  defaults?(situation: Situation): Partial<S>;
  /** Where it differs from AdamW with a warm-up and a cosine to 0. */
  training?(situation: Situation): Partial<TrainingDefaults>;
}
