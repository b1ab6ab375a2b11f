/** What every method is timed on. */
import type { Choices } from "afterimage";
import { findMethod } from "afterimage/methods";
import type { PeerDescription } from "../protocol.ts";

/**
 * So many that every method has its authors' settings, and not those of short runs: heads of some layers,
 * queues, prototypes.
 */
const LONG = 1000;

export const METHOD_CASE = { pictures: 2048, canvas: 48, imageSize: 32, batchSize: 64 } as const;

/** The first line of a process that takes a method's steps, or plain passes. */
export interface MethodDescription extends PeerDescription {
  /** Of products and convolutions, counted in the graph. */
  flops: number;
}

/**
 * ResNet-18 of half its width at 32 pixels; ViT-Ti over patches of 4 pixels for methods that are for
 * transformers.
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
