/** Defaults for the parts of a method that its record leaves out. */
import * as z from "zod";
import { AfterimageError } from "../errors.ts";
import type { Method, WarningKind } from "../objectives/method.ts";
import { adamWTraining } from "./recipes/short-runs.ts";

/**
 * Parts that a method may lack, such as a paper, a limit to one family of backbones, a mark that it is
 * predictive, or a projection head.
 */
type Optional = "paper" | "family" | "predictive" | "module" | "projection";

/** A method with a value for every part that is not optional. */
export type CompleteMethod = Required<Omit<Method, Optional>> & Pick<Method, Optional>;

const NO_SETTINGS = z.strictObject({});

const ADVICE: Readonly<Record<WarningKind, string>> = {
  "collapsed-features": "Lower the learning rate or lengthen its warm-up",
  "loss-at-collapse": "Lower the learning rate or lengthen its warm-up",
  "loss-not-falling": "Check that the learning rate is neither close to 0 nor so high that the loss jumps",
};

/**
 * The method with a default for everything that it leaves out: no settings, AdamW as in short runs, a
 * ResNet-18, the student as the encoder, no known loss at collapse.
 */
export function completeMethod(method: Method): CompleteMethod {
  const { name, title = name, idea = "a method of your own", settings = NO_SETTINGS } = method;
  const { backbone = "resnet18", backboneOptions = {}, encoder = "student", advice = ADVICE } = method;
  const { paper, family, predictive, module } = method;
  return {
    ...{ name, title, idea, settings, backbone, backboneOptions, encoder, advice },
    ...(paper && { paper }),
    ...(family && { family }),
    ...(predictive && { predictive }),
    ...(module !== undefined && { module }),
    ...(method.projection && {
      projection: (own: object, features: number) => method.projection!(own, features),
    }),
    keptLayers: (own) => method.keptLayers?.(own) ?? 0,
    objective: (own, situation) => method.objective(own, situation),
    defaults: (situation) => method.defaults?.(situation) ?? schemaDefaults(name, settings),
    training: (own, situation) => method.training?.(own, situation) ?? adamWTraining(situation),
    encoderOf: (built, own) => method.encoderOf?.(built, own) ?? built,
    examine: (sample, own) => method.examine?.(sample, own) ?? null,
    remarks: (own, situation) => method.remarks?.(own, situation) ?? [],
    batchNormSees: (own, pictures) => method.batchNormSees?.(own, pictures) ?? pictures,
    collapsedLoss: (own, batchSize, pictures) => method.collapsedLoss?.(own, batchSize, pictures) ?? null,
    spread: (pictures) => method.spread?.(pictures) ?? [],
  };
}

/** @throws AfterimageError `method/settings` for a setting that has no default. */
function schemaDefaults(name: string, settings: z.ZodType<object>): object {
  const parsed = settings.safeParse({});
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new AfterimageError("method/settings", {
    what: "a setting of this method has no default",
    where: `${name}, ${path.join(".") || "settings"}`,
    got: message,
    todo: "Give the method `defaults`, or give each setting of its schema a default.",
  });
}
