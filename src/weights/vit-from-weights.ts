/** The settings of a vision transformer that its tensors have, and those that only its configuration says. */
import { vit } from "../backbones/vit.ts";
import { type VitSettings, vitSettings } from "../backbones/vit-settings.ts";
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { configNumber, configText } from "./config-values.ts";
import type { Evidence, Family } from "./families.ts";
import type { FittedNetwork, NetworkRequest } from "./network-request.ts";
import type { OurTensor } from "./renamed-tensors.ts";
import { requireSameConfig } from "./require-same-config.ts";

/** Names of the usual sizes by width and blocks, as papers have them and as backbones are called. */
const SIZES: readonly (readonly [width: number, depth: number, letter: string, name: string])[] = [
  [192, 12, "Ti", "tiny"],
  [384, 12, "S", "small"],
  [768, 12, "B", "base"],
  [1024, 24, "L", "large"],
  [1280, 32, "H", "huge"],
  [1408, 40, "g", "giant"],
  [1536, 40, "g", "giant"],
];
/** Heads of these widths where they are not of 64 features: MAE's and I-JEPA's huge, I-JEPA's giant. */
const HEADS: Readonly<Record<number, number>> = { 1280: 16, 1408: 16 };

/**
 * @throws AfterimageError `weights/unknown` or `weights/misfit` for tensors that are those of no ViT here.
 */
export function vitFromWeights(request: NetworkRequest): FittedNetwork {
  const tensors = withClassPosition(request.tensors);
  const settings = requireVit(settingsOf(tensors, request), request.where);
  requireSameConfig(request, configOf(settings, configText(request.evidence.config, "model_type")));
  const { imageSize, patch, registers } = settings;
  const { name, words } = sizeOf(settings);
  return {
    tensors,
    backbone: vit(`${name}_patch${patch}`, settings),
    network: `${words}${registers === undefined ? "" : " with registers"}`,
    sees: `positions for ${imageSize} pixels`,
    imageSize,
  };
}

/** How its size is called here, and in papers. */
function sizeOf({ width, depth, patch }: VitSettings): { name: string; words: string } {
  const usual = SIZES.find(([w, d]) => w === width && d === depth);
  if (usual !== undefined) return { name: `vit_${usual[3]}`, words: `ViT-${usual[2]}/${patch}` };
  return {
    name: "vit",
    words: `ViT of ${depth} blocks and ${width} features, patches of ${patch} pixels`,
  };
}

/** What Hugging Face's configuration of this transformer says. */
function configOf(settings: VitSettings, modelType?: string): Record<string, number | boolean> {
  return {
    hidden_size: settings.width,
    num_hidden_layers: settings.depth,
    num_attention_heads: settings.heads,
    patch_size: settings.patch,
    image_size: settings.imageSize,
    num_channels: 3,
    num_register_tokens: settings.registers ?? 0,
    ...hiddenOf(settings, modelType),
  };
}

/**
 * What a configuration says of the MLP's hidden features: `dinov2` by a ratio, all others by their number.
 */
function hiddenOf(settings: VitSettings, modelType = ""): Record<string, number | boolean> {
  const { mlp, width, mlpWidth = 4 * width } = settings;
  if (!modelType.startsWith("dinov2")) return { intermediate_size: mlpWidth };
  return { use_swiglu_ffn: mlp === "swiglu", ...(mlp === undefined && { mlp_ratio: mlpWidth / width }) };
}

function settingsOf(tensors: ReadonlyMap<string, OurTensor>, request: NetworkRequest): VitSettings {
  const { family, evidence, where } = request;
  const [width, , patch, wide] = shapeOf(tensors, "patch_embed.proj.weight", 4, where);
  if (patch !== wide) throw unknownVit(where, "square patches", `${patch} × ${wide} pixels`);
  // One position more than a square has room for a class token, which may be missing.
  const [, count] = shapeOf(tensors, "pos_embed", 3, where);
  const classToken = tensors.has("cls_token") || (!isSquare(count!) && isSquare(count! - 1));
  return {
    imageSize: sideOf(tensors, classToken, where) * patch!,
    patch: patch!,
    width: width!,
    depth: depthOf(tensors),
    heads: headsOf(width!, request),
    dropPath: 0,
    ...(family.fixedPositions(evidence) && { positions: "sincos" as const }),
    ...(!classToken && { classToken }),
    ...mlpOf(tensors, width!, where),
    ...(tensors.has("blocks.0.ls1.gamma") && { layerScale: LAYER_SCALE_START }),
    ...(tensors.has("reg_token") && { registers: shapeOf(tensors, "reg_token", 3, where)[1]! }),
    ...(!tensors.has("blocks.0.attn.qkv.bias") && { qkvBias: false }),
    ...differences(family, evidence),
  };
}

/** Where layer scale starts in DINOv2, for the untrained network. */
const LAYER_SCALE_START = 1e-5;

/** What differs from the defaults of a ViT here. */
function differences(family: Family, evidence: Evidence): Pick<VitSettings, "epsilon" | "resampling"> {
  const epsilon = family.epsilon(evidence);
  const resampling = family.resampling(evidence);
  return {
    ...(epsilon !== 1e-6 && { epsilon }),
    ...(resampling !== "offset" && { resampling }),
  };
}

function mlpOf(
  tensors: ReadonlyMap<string, OurTensor>,
  width: number,
  where: string,
): Pick<VitSettings, "mlp" | "mlpWidth"> {
  const [first] = shapeOf(tensors, "blocks.0.mlp.fc1.weight", 2, where);
  const [, hidden] = shapeOf(tensors, "blocks.0.mlp.fc2.weight", 2, where);
  return {
    ...(first === 2 * hidden! && { mlp: "swiglu" as const }),
    ...(hidden !== 4 * width && { mlpWidth: hidden! }),
  };
}

/** Patches on a side of the grid that positions are for. */
function sideOf(tensors: ReadonlyMap<string, OurTensor>, classToken: boolean, where: string): number {
  const [, count] = shapeOf(tensors, "pos_embed", 3, where);
  const side = Math.sqrt(count! - (classToken ? 1 : 0));
  if (Number.isInteger(side) && side > 0) return side;
  throw unknownVit(where, "positions for a square grid of patches", `${count} positions`);
}

function depthOf(tensors: ReadonlyMap<string, OurTensor>): number {
  const blocks = [...tensors.keys()].map((name) => Number(/^blocks\.(\d{1,4})\./.exec(name)?.[1] ?? -1));
  return Math.max(...blocks) + 1;
}

function headsOf(width: number, { family, evidence, heads: asked, where }: NetworkRequest): number {
  const said = asked ?? configNumber(evidence.config, "num_attention_heads") ?? family.heads?.[width];
  const heads = said ?? HEADS[width] ?? width / 64;
  if (Number.isInteger(heads) && heads > 0 && width % heads === 0) return heads;
  throw new AfterimageError("weights/unknown", {
    what: "the number of attention heads is not known, and no tensor has it",
    where,
    expected: `a divisor of the width ${width}`,
    got: said === undefined ? "neither a configuration nor heads of 64 features" : `${said}`,
    todo: `Give it by ${optionName("heads")}.`,
  });
}

/**
 * timm has models whose class token has no position, because that has been added to the token: here its
 * position is then 0.
 */
function withClassPosition(tensors: ReadonlyMap<string, OurTensor>): Map<string, OurTensor> {
  const known = tensors.get("pos_embed");
  const [one, count, width] = known?.shape ?? [];
  if (known === undefined || count === undefined || width === undefined || !tensors.has("cls_token"))
    return new Map(tensors);
  if (isSquare(count - 1) || !isSquare(count)) return new Map(tensors);
  const load = () => {
    const data = new Float32Array((count + 1) * width);
    data.set(known.load(), width);
    return data;
  };
  return new Map([...tensors, ["pos_embed", { shape: [one!, count + 1, width], load }]]);
}

/** Settings within the bounds of those here: a file can claim any shape. */
function requireVit(settings: VitSettings, where: string): VitSettings {
  const issue = vitSettings.safeParse(settings).error?.issues[0];
  if (issue === undefined) return settings;
  throw unknownVit(where, `another ${issue.path.join(".")}`, issue.message);
}

const isSquare = (count: number) => count > 0 && Number.isInteger(Math.sqrt(count));

function shapeOf(
  tensors: ReadonlyMap<string, OurTensor>,
  name: string,
  rank: number,
  where: string,
): readonly number[] {
  const shape = tensors.get(name)?.shape;
  if (shape === undefined) throw unknownVit(where, name, name === "pos_embed" ? NO_POSITIONS : "none");
  if (shape.length !== rank) throw unknownVit(where, `${name} of ${rank} axes`, `[${shape}]`);
  return shape;
}

const NO_POSITIONS = "none: positions that are rotations, as DINOv3's, are not known here";

function unknownVit(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("weights/unknown", {
    what: "this vision transformer is of a kind that is not known here",
    ...{ where, expected, got },
  });
}
