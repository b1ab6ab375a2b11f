/** Weights of other projects as encoders: recognised by their names, and fitted whole or not at all. */
export { FAMILY_NAMES, type FamilyName } from "./family-names.ts";
export {
  MisfittingWeights,
  type Mismatches,
  type RecognisedWeights,
  type RecogniseOptions,
  recogniseWeights,
} from "./recognise-weights.ts";
export { tensorsOf } from "./tensors-of.ts";
export type { WeightSource } from "./weight-source.ts";
