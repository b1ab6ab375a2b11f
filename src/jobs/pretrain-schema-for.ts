import type * as z from "zod";
import { BACKBONES, knownBackbones } from "../backbones/index.ts";
import { factsOf, option } from "../options/option-facts.ts";
import { pretrainOptions } from "./pretrain-options.ts";

/**
 * The schema of pre-training with the options of the chosen backbone, where that is one of the user's own.
 */
export function pretrainSchemaFor(backbone: unknown): z.ZodObject {
  const own = knownBackbones().find(({ name }) => name === backbone);
  if (own === undefined || BACKBONES.includes(own)) return pretrainOptions;
  const facts = factsOf(pretrainOptions.shape.backboneOptions);
  const backboneOptions = option(own.options, { ...facts, holds: own.options.shape });
  return pretrainOptions.extend({ backboneOptions });
}
