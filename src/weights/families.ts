/** The families of public weights: how each is told from the others, and what its files do not say. */
import type { Preprocessing } from "../augment/preprocessing.ts";
import { NORMALIZATION } from "../augment/view-spec.ts";
import type { Resampling } from "../backbones/resample-positions.ts";
import { configNumber, configText } from "./config-values.ts";
import type { FamilyName } from "./family-names.ts";
import type { FoundNetwork } from "./find-network.ts";
import type { WeightSource } from "./weight-source.ts";

/** What tells families apart. */
export interface Evidence extends FoundNetwork {
  config: WeightSource["config"];
  /** Whether the network has a tensor whose name, without the prefix, begins like this. */
  has(start: string): boolean;
}

export interface Family {
  /** By this name it can be asked for. */
  readonly name: FamilyName;
  /** The network in a sentence: "DINOv2 ViT-S/14" of "ViT-S/14". */
  readonly words: (network: string, evidence: Evidence) => string;
  readonly is: (evidence: Evidence) => boolean;
  /** For vision transformers. */
  readonly resampling: (evidence: Evidence) => Resampling;
  /** Whether positions are fixed sines and cosines. */
  readonly fixedPositions: (evidence: Evidence) => boolean;
  readonly epsilon: (evidence: Evidence) => number;
  /** Heads of a transformer of this width, where they are not those of timm. */
  readonly heads?: Readonly<Record<number, number>>;
  /**
   * The pictures that its authors evaluate with; of a ViT the size is that of its positions unless it is
   * here.
   */
  readonly view: Preprocessing & { imageSize?: number };
}

/** "256 to 224" by the cubic kernel, as DINO, DINOv2 and MAE evaluate. */
const CUBIC: Preprocessing = { interpolation: "bicubic", normalize: NORMALIZATION, cropShare: 224 / 256 };
/** The same by the triangle, as torchvision, MoCo and SwAV evaluate. */
const LINEAR: Preprocessing = { ...CUBIC, interpolation: "bilinear" };

const always =
  <T>(value: T) =>
  () =>
    value;

const by = (whose: string) => (network: string) => `${whose} ${network}`;

/** What most families have in common: those of timm. */
const COMMON = {
  resampling: always("antialiased" as const),
  fixedPositions: always(false),
  epsilon: always(1e-6),
};

const isIn = (prefix: string, ...parts: readonly string[]) =>
  parts.some((part) => `.${prefix}`.includes(`.${part}.`));
const hasRegisters = ({ has }: Evidence) => has("register_tokens") || has("reg_token");

/** From the most particular to the most general: the first that fits is taken. */
export const FAMILIES: readonly Family[] = [
  {
    ...COMMON,
    name: "hugging-face",
    words: (network, { config }) =>
      ["Hugging Face", configText(config, "model_type"), network].filter(Boolean).join(" "),
    is: ({ naming }) => naming.whose === "Hugging Face",
    // interpolate_pos_encoding of each in transformers 5.24
    resampling: ({ has }) => (has("embeddings.register_tokens") ? "antialiased" : "plain"),
    fixedPositions: ({ config }) => ["vit_mae", "ijepa"].includes(configText(config, "model_type") ?? ""),
    epsilon: ({ config }) => configNumber(config, "layer_norm_eps") ?? defaultEpsilon(config),
    view: CUBIC,
  },
  {
    ...COMMON,
    name: "timm",
    words: (network, { config }) =>
      ["timm", configText(config, "architecture"), network].filter(Boolean).join(" "),
    is: ({ config }) => isTimm(config),
    view: CUBIC,
  },
  {
    ...COMMON,
    name: "dinov2",
    words: by("DINOv2"),
    is: ({ has }) => has("mask_token") && hasLayerScale(has),
    // `dinov2/models/vision_transformer.py`: interpolate_offset .1 without registers, 0 and antialiased with
    // them
    resampling: (evidence) => (hasRegisters(evidence) ? "antialiased" : "offset"),
    view: { ...CUBIC, imageSize: 224 },
  },
  {
    ...COMMON,
    name: "moco-v3",
    words: by("MoCo v3"),
    is: ({ prefix }) => isIn(prefix, "base_encoder", "momentum_encoder"),
    fixedPositions: always(true),
    heads: { 384: 12 }, // facebookresearch/moco-v3 `vits.py`
    view: LINEAR,
  },
  {
    ...COMMON,
    name: "moco",
    words: by("MoCo"),
    is: ({ prefix }) => isIn(prefix, "encoder_q", "encoder_k"),
    view: LINEAR,
  },
  {
    ...COMMON,
    name: "i-jepa",
    words: by("I-JEPA"),
    is: ({ naming, has, prefix }) =>
      naming.network === "vit" && !has("cls_token") && isIn(prefix, "encoder", "target_encoder"),
    resampling: always("plain" as const),
    fixedPositions: always(true),
    view: CUBIC,
  },
  {
    ...COMMON,
    name: "mae",
    words: by("MAE"),
    is: ({ naming, has, prefix }) =>
      naming.network === "vit" && (has("decoder_embed") || (isIn(prefix, "model") && !has("head."))),
    resampling: always("plain" as const),
    fixedPositions: always(true),
    view: CUBIC,
  },
  {
    ...COMMON,
    name: "dino",
    words: by("DINO"),
    is: ({ prefix }) => isIn(prefix, "teacher", "student"),
    resampling: always("offset" as const),
    view: CUBIC,
  },
  {
    ...COMMON,
    name: "swav",
    words: by("SwAV"),
    is: ({ has }) => has("prototypes") || has("projection_head"),
    view: LINEAR,
  },
  {
    ...COMMON,
    name: "solo-learn",
    words: (network, { naming }) =>
      `${naming.whose === "lightly" ? "lightly" : "solo-learn or lightly"} ${network}`,
    is: ({ prefix, naming }) =>
      naming.whose === "lightly" ||
      isIn(
        prefix,
        "backbone",
        "momentum_backbone",
        "backbone_momentum",
        "student_backbone",
        "teacher_backbone",
      ),
    view: LINEAR,
  },
  {
    ...COMMON,
    name: "torchvision",
    words: by("torchvision"),
    is: ({ naming }) => naming.whose === "torchvision",
    resampling: always("plain" as const),
    view: LINEAR,
  },
  // Bare names of timm: timm itself, but DINO's and MAE's files of a backbone alone look the same.
  {
    ...COMMON,
    name: "timm-names",
    words: (network) => `${network} in timm's names`,
    is: always(true),
    view: CUBIC,
  },
];

function isTimm(config: WeightSource["config"]): boolean {
  return configText(config, "architecture") !== undefined;
}

function hasLayerScale(has: Evidence["has"]): boolean {
  return has("blocks.0.ls1.gamma") || has("blocks.0.0.ls1.gamma");
}

/** transformers' own, where a configuration leaves it out. */
function defaultEpsilon(config: WeightSource["config"]): number {
  return configText(config, "model_type")?.startsWith("dinov2") ? 1e-6 : 1e-12;
}
