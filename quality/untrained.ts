/**
 * The networks before training. A method must beat its own network, because the same backbone may start from
 * several initialisations.
 */
import { configure, encoderOf } from "afterimage";
import { type Backbone, createBackbone } from "afterimage/backbones";
import { METHODS, type Method } from "afterimage/methods";
import { extractFeatures, initialEncoderValues, type RunConfig } from "afterimage/train";
import type { Outcome, Task } from "./contestant.ts";
import {
  BACKBONES,
  choicesFor,
  FAMILY_NAMES,
  type Family,
  familyOf,
  IMAGE_SIZE,
  withBackboneOf,
} from "./recipe.ts";

export interface Untrained {
  name: string;
  title: string;
  family: Family;
  /** Names of all methods that start from this network. */
  methods: readonly string[];
  config: RunConfig;
}

/**
 * Every network that a method starts from. A family's plain backbone has the family's name; the others have
 * the name of their first method.
 */
export const UNTRAINED: readonly Untrained[] = networks();

/** The network that a method starts from; undefined for a name that is no method's. */
export function untrainedOf(method: string): Untrained | undefined {
  return UNTRAINED.find(({ methods }) => methods.includes(method));
}

/** Its features, with the initial values of a run with this seed. */
export async function untrainedFeatures(
  { config, family }: Untrained,
  { set, seed, threads }: Task,
): Promise<Omit<Outcome, "versions">> {
  const backbone: Backbone = encoderOf(config);
  const values = initialEncoderValues(backbone, { imageSize: IMAGE_SIZE, seed });
  const encoder = { backbone, values, imageSize: IMAGE_SIZE, threads };
  return {
    train: await extractFeatures(set.train, encoder),
    test: await extractFeatures(set.test, encoder),
    copies: await extractFeatures(set.tasks.copies, encoder),
    metric: "cosine",
    family,
    settings: { backbone: config.backbone },
    training: null,
    classifier: null,
  };
}

function networks(): Untrained[] {
  const groups = new Map<string, { family: Family; config: RunConfig; methods: Method[] }>();
  for (const method of METHODS) {
    const family = familyOf(method);
    const config = configOf(method, family);
    const key = keyOf(config.backbone.settings, encoderKind(method, config));
    const group = groups.get(key) ?? { family, config, methods: [] };
    group.methods.push(method);
    groups.set(key, group);
  }
  return [...groups].map(([key, { family, config, methods }]) => {
    const isPlain = key === plainKey(family);
    const whose = isPlain ? "" : ` of ${methods.map(({ title }) => title).join(", ")}`;
    return {
      name: `untrained-${isPlain ? family : methods[0]!.name}`,
      title: `untrained ${FAMILY_NAMES[family]}${whose}`,
      ...{ family, config, methods: methods.map(({ name }) => name) },
    };
  });
}

/**
 * The identity of a network as text: its backbone's settings, and the kind of encoder that its method makes
 * of it.
 */
function keyOf(settings: object, kind: string | null): string {
  const { dropPath: _, ...rest } = settings as Record<string, unknown>; // acts only in training
  return JSON.stringify([rest, kind]);
}

/**
 * Null if the encoder is the backbone. Methods that take the same feature of all patches share one encoder.
 */
function encoderKind({ name, encoderOf: made }: Method, { method }: RunConfig): string | null {
  return made === undefined ? null : ((method.settings as { feature?: string }).feature ?? name);
}

function plainKey(family: Family): string {
  const { backbone, backboneOptions } = choicesFor(family);
  const { settings } = createBackbone(backbone!, { imageSize: IMAGE_SIZE, ...backboneOptions });
  return keyOf({ ...settings, ...BACKBONES[family].settings }, null);
}

/** The number of pictures and the length of the run do not affect a network's initial values. */
function configOf(method: Method, family: Family): RunConfig {
  const data = { path: "none", fingerprint: "none", pictures: 10_000 };
  const choices = { ...choicesFor(family), method: method.name, epochs: 1, canvas: IMAGE_SIZE };
  return withBackboneOf(family, configure(choices, data, method));
}
