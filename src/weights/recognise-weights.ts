/** Recognises public weights and fits them to a network of ours: all of them or none. */

import type { Backbone } from "../backbones/index.ts";
import { AfterimageError } from "../errors.ts";
import { elementCount } from "../formats/named-array.ts";
import { Scope } from "../nn/scope.ts";
import { type Variable, Variables } from "../nn/variables.ts";
import { optionName } from "../options/option-name.ts";
import { input, sameShape } from "../tensor/index.ts";
import { type Evidence, FAMILIES, type Family } from "./families.ts";
import type { FamilyName } from "./family-names.ts";
import { findNetwork } from "./find-network.ts";
import { firstFew } from "./first-few.ts";
import { type ModelView, viewOf } from "./model-view.ts";
import type { FittedNetwork } from "./network-request.ts";
import { type NamedShape, type OurTensor, type RenamedTensors, renameTensors } from "./renamed-tensors.ts";
import { resnetFromWeights } from "./resnet-from-weights.ts";
import { vitFromWeights } from "./vit-from-weights.ts";
import type { WeightSource } from "./weight-source.ts";

export interface RecogniseOptions {
  /** The family whose weights they are, if the guess is wrong: one of `FAMILY_NAMES`. */
  as?: FamilyName;
  /** The part of a file with several networks: `student`, `module.encoder_k`. */
  part?: string;
  /** Attention heads, where neither a configuration nor the width tells them. */
  heads?: number;
}

/** Public weights as an encoder of ours. */
export interface RecognisedWeights extends ModelView {
  /**
   * What they are, in words: "DINOv2 ViT-S/14 with registers, 22.1 M parameters, positions for 518 pixels".
   */
  recognised: string;
  family: FamilyName;
  /** What preceded the names of all tensors. */
  prefix: string;
  backbone: Backbone;
  /** Learned numbers. */
  parameters: number;
  /** The weights by our names, read from the file when this is called. */
  load(): Map<string, Float32Array>;
  /** Tensors of the network that its features do not need, with the reasons. */
  leftOut: readonly { name: string; why: string }[];
  /** The number of tensors in other parts of the file. */
  elsewhere: number;
}

/** The tensors for which weights and network do not fit. */
export interface Mismatches {
  /** Ours that the file lacks, with our shapes. */
  missing: readonly NamedShape[];
  /** Theirs that no part of our network takes, with their shapes. */
  leftOver: readonly NamedShape[];
  /** Those that both have, with both shapes. */
  misfits: readonly { name: string; expected: readonly number[]; got: readonly number[] }[];
}

/** The weights do not fit the network: `mismatches` and the lines of `evidence.details` have every tensor. */
export class MisfittingWeights extends AfterimageError {
  readonly mismatches: Mismatches;

  constructor(where: string, recognised: string, mismatches: Mismatches) {
    const lines = linesOf(mismatches).slice(0, MOST_LINES);
    const [what, got] = [`these weights do not fit a ${recognised}`, firstFew(lines)];
    super("weights/misfit", { what, where, got, details: lines });
    this.mismatches = mismatches;
  }
}

/**
 * @throws AfterimageError `weights/unknown` for weights of no network that is known here; {@link
 * MisfittingWeights} (`weights/misfit`) with every tensor that is missing, left over or of another shape.
 */
export function recogniseWeights(source: WeightSource, options: RecogniseOptions = {}): RecognisedWeights {
  const found = findNetwork(source, options.part);
  const renamed = renameTensors(source, found);
  const evidence: Evidence = {
    ...found,
    config: source.config,
    has: (start) => [...source.tensors.keys()].some((name) => name.startsWith(found.prefix + start)),
  };
  const family = familyOf(evidence, options.as);
  requireConfig(source, evidence);
  const { where } = source;
  const fromWeights = found.naming.network === "vit" ? vitFromWeights : resnetFromWeights;
  const fitted = fromWeights({ where, tensors: renamed.ours, family, evidence, ...headsAsked(options) });
  const variables = variablesOf(fitted);
  const parameters = variables.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const recognised = describe(family, evidence, fitted, parameters);
  requireFit(where, recognised, mismatchesOf(variables.all, fitted.tensors, renamed));
  return {
    ...viewOf(source, family, fitted.imageSize),
    ...{ recognised, parameters, family: family.name, prefix: found.prefix, backbone: fitted.backbone },
    ...{ leftOut: renamed.leftOut, elsewhere: renamed.elsewhere },
    load: () => new Map(variables.all.map(({ path }) => [path, fitted.tensors.get(path)!.load()])),
  };
}

function headsAsked({ heads }: RecogniseOptions): { heads?: number } {
  return heads === undefined ? {} : { heads };
}

function familyOf(evidence: Evidence, asked: FamilyName | undefined): Family {
  const family = FAMILIES.find(({ name, is }) => (asked === undefined ? is(evidence) : name === asked));
  if (family !== undefined) return family;
  throw new AfterimageError("usage/value", {
    what: "there is no such family of weights",
    where: optionName("as"),
    expected: `one of ${FAMILIES.map(({ name }) => name).join(", ")}`,
    got: `${asked}`,
  });
}

/** Hugging Face's tensors say neither the heads nor the epsilon of the norms. */
function requireConfig({ config, where }: WeightSource, { naming }: Evidence): void {
  if (config !== null || naming.whose !== "Hugging Face" || naming.network !== "vit") return;
  throw new AfterimageError("weights/unknown", {
    what: "weights in Hugging Face's names need their configuration, which says the heads and the norms' epsilon",
    where,
    expected: "config.json beside the weights",
    got: "none",
  });
}

/** Everything that the network declares. */
function variablesOf({ backbone, imageSize }: FittedNetwork): Variables {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: false, trainable: true });
  backbone.build(scope, input("pictures", [1, 3, imageSize, imageSize]));
  return variables;
}

function describe(family: Family, evidence: Evidence, fitted: FittedNetwork, parameters: number): string {
  const { network, sees } = fitted;
  const size = `${(parameters / 1e6).toFixed(1)} M parameters`;
  return [family.words(network, evidence), size, ...(sees === undefined ? [] : [sees])].join(", ");
}

function mismatchesOf(
  variables: readonly Variable[],
  tensors: ReadonlyMap<string, OurTensor>,
  renamed: RenamedTensors,
): Mismatches {
  const known = new Set(variables.map(({ path }) => path));
  const unknown = [...tensors].filter(([name]) => !known.has(name));
  const absent = variables.filter(({ path }) => !tensors.has(path));
  const partly = new Set(renamed.missing.map(({ name }) => name.split(",")[0]));
  return {
    missing: [
      ...renamed.missing,
      ...absent.filter(({ path }) => !partly.has(path)).map(({ path, shape }) => ({ name: path, shape })),
    ],
    leftOver: [...renamed.leftOver, ...unknown.map(([name, { shape }]) => ({ name, shape }))],
    misfits: variables.flatMap(({ path, shape }) => {
      const got = tensors.get(path)?.shape;
      return got === undefined || sameShape(got, shape) ? [] : [{ name: path, expected: shape, got }];
    }),
  };
}

function requireFit(where: string, recognised: string, mismatches: Mismatches): void {
  const { missing, leftOver, misfits } = mismatches;
  if (missing.length + leftOver.length + misfits.length === 0) return;
  throw new MisfittingWeights(where, recognised, mismatches);
}

/** More lines than the largest network here has tensors help nobody. */
const MOST_LINES = 4000;

/** A line for each tensor. */
function linesOf({ missing, leftOver, misfits }: Mismatches): string[] {
  const shaped = ({ name, shape }: NamedShape) => `${name} [${shape.join(", ")}]`;
  return [
    ...missing.map((tensor) => `missing: ${shaped(tensor)}`),
    ...leftOver.map((tensor) => `left over: ${shaped(tensor)}`),
    ...misfits.map(
      ({ name, expected, got }) =>
        `of another shape: ${shaped({ name, shape: got })}, not [${expected.join(", ")}]`,
    ),
  ];
}
