/** The facts before training starts, on which defaults depend. */
import type { Backbone } from "../backbones/backbone.ts";

export interface Situation {
  /** Pictures in the data set. */
  pictures: number;
  /** Height and width of the pictures that the encoder sees, in pixels; training views may be smaller. */
  imageSize: number;
  batchSize: number;
  /** Pictures that are computed at a time. Default: the batch. */
  microBatch?: number;
  /** Passes over the pictures; fractions allowed. */
  epochs: number;
  family: Backbone["family"];
  /** Heights and widths of views must be multiples of this: the patch of a ViT, 1 for a ResNet. */
  multipleOf: number;
  /** Whether the backbone has batch norm. */
  batchNorm: boolean;
  /** Size D of the backbone's feature vector. */
  features: number;
}

/** The length of training in steps. */
export interface Plan {
  steps: number;
  stepsPerEpoch: number;
  epochs: number;
  batchSize: number;
}

/** A value that changes with the step (0-based), fed to the graph by name. */
export type ScalarSchedule = (step: number) => number;
