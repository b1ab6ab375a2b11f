import { type Interpolation, NORMALIZATION, type Normalization } from "./view-spec.ts";

/** How an encoder sees a whole picture: what is cut out of it, and how that is resized and normalised. */
export interface Preprocessing {
  interpolation: Interpolation;
  normalize: Normalization;
  /** Side of the central square as a share of the picture's shorter side, above 0, at most 1. */
  cropShare: number;
}

/** That of encoders which were trained here. */
export const OWN_PREPROCESSING: Preprocessing = {
  interpolation: "bilinear",
  normalize: NORMALIZATION,
  cropShare: 1,
};
