/**
 * The networks as their training finds them. A method has to beat its own: the same backbone may begin in
 * several ways.
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
  /** By name, all that begin with this network. */
  methods: readonly string[];
  config: RunConfig;
}

/**
 * Every network that a method begins with. A family's plain backbone has the family's name, others their
 * first method's.
 */
export const UNTRAINED: readonly Untrained[] = networks();

/** The network that a method begins with, undefined for a name that is no method's. */
export function untrainedOf(method: string): Untrained | undefined {
  return UNTRAINED.find(({ methods }) => methods.includes(method));
}

/** Its features, with the same initial values as in a run of this seed. */
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

/** What a network is made by, as text: its backbone's settings, and what its method makes of it. */
function keyOf(settings: object, kind: string | null): string {
  const { dropPath: _, ...rest } = settings as Record<string, unknown>; // acts in training alone
  return JSON.stringify([rest, kind]);
}

/**
 * Null where the encoder is the backbone. Methods that take the same feature of all patches have one encoder
 * in common.
 */
function encoderKind({ name, encoderOf: made }: Method, { method }: RunConfig): string | null {
  return made === undefined ? null : ((method.settings as { feature?: string }).feature ?? name);
}

function plainKey(family: Family): string {
  const { backbone, backboneOptions } = choicesFor(family);
  const { settings } = createBackbone(backbone!, { imageSize: IMAGE_SIZE, ...backboneOptions });
  return keyOf({ ...settings, ...BACKBONES[family].settings }, null);
}

/** Neither the number of pictures nor the length of the run has a part in how a network begins. */
function configOf(method: Method, family: Family): RunConfig {
  const data = { path: "none", fingerprint: "none", pictures: 10_000 };
  const choices = { ...choicesFor(family), method: method.name, epochs: 1, canvas: IMAGE_SIZE };
  return withBackboneOf(family, configure(choices, data, method));
}
