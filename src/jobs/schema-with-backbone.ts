import type * as z from "zod";
import { BACKBONES, knownBackbones } from "../backbones/index.ts";
import { factsOf, option } from "../options/option-facts.ts";

/** The schema of a job with the options of the chosen backbone, where that is one of the user's own. */
export function schemaWithBackbone<S extends z.ZodObject<{ backboneOptions: z.ZodType }>>(
  schema: S,
  backbone: unknown,
): z.ZodObject {
  const own = knownBackbones().find(({ name }) => name === backbone);
  if (own === undefined || BACKBONES.includes(own)) return schema;
  const facts = factsOf(schema.shape.backboneOptions);
  const backboneOptions = option(own.options, { ...facts, holds: own.options.shape });
  return schema.extend({ backboneOptions });
}
