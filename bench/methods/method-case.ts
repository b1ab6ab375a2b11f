/** The case on which every method is timed. */
import type { Choices } from "afterimage";
import { findMethod } from "afterimage/methods";
import type { PeerDescription } from "../protocol.ts";

/**
 * Epochs that give every method its authors' settings, and not those of short runs: heads with several
 * layers, queues, prototypes.
 */
const LONG = 1000;

export const METHOD_CASE = { pictures: 2048, canvas: 48, imageSize: 32, batchSize: 64 } as const;

/** The first line of a process that takes a method's steps, or plain passes. */
export interface MethodDescription extends PeerDescription {
  /** Operations of products and convolutions, counted in the graph. */
  flops: number;
}

/**
 * ResNet-18 of half its width at 32 pixels, or ViT-Ti over patches of 4 pixels for methods with a transformer
 * by default.
 */
export function methodChoices(method: string): Choices {
  const { imageSize, canvas, batchSize } = METHOD_CASE;
  const isForVit = findMethod(method).backbone.startsWith("vit");
  return {
    ...{ method, imageSize, canvas, batchSize, epochs: LONG },
    ...(isForVit
      ? { backbone: "vit_tiny", backboneOptions: { patch: 4, dropPath: 0 } }
      : { backbone: "resnet18", backboneOptions: { widthMultiplier: 0.5 } }),
  };
}
