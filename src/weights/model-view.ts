/**
 * How the pictures of public weights are prepared: by what is beside the weights, or by the family's habit.
 */
import type { Preprocessing } from "../augment/preprocessing.ts";
import { AfterimageError } from "../errors.ts";
import { configNumber, configRecord, configSide, configText, configTriple } from "./config-values.ts";
import type { Family } from "./families.ts";
import type { WeightSource } from "./weight-source.ts";

export interface ModelView {
  /** Height and width of the pictures that the network sees, in pixels. */
  imageSize: number;
  preprocessing: Preprocessing;
  notes: string[];
}

type Config = NonNullable<WeightSource["config"]>;

/** PIL's numbers of the two kernels that are known here. */
const [BILINEAR, BICUBIC] = [2, 3];

/**
 * @param ownSize the size that the network was made for, where nothing else is said.
 * @throws AfterimageError `weights/unknown` for preprocessing that is not known here.
 */
export function viewOf(source: WeightSource, family: Family, ownSize: number): ModelView {
  if (source.preprocessor !== null) return byProcessor(source.preprocessor, source.where, ownSize);
  const timm = configRecord(source.config, "pretrained_cfg");
  if (timm !== null) return byTimm(timm, family, ownSize, source.where);
  const { imageSize = ownSize, interpolation, normalize, cropShare } = family.view;
  const notes =
    family.name === "hugging-face"
      ? [
          "there is no preprocessor_config.json beside the weights: pictures are normalised by ImageNet's colours",
        ]
      : [];
  // Without a margin around the crop there is nothing to cut off.
  const share = ownSize < SMALL_PICTURES ? 1 : cropShare;
  return { imageSize, preprocessing: { interpolation, normalize, cropShare: share }, notes };
}

/** Networks for pictures below this, in pixels, are evaluated on the whole square (CIFAR). */
const SMALL_PICTURES = 96;

/** `preprocessor_config.json` of transformers' image processors. */
function byProcessor(processor: Config, where: string, ownSize: number): ModelView {
  requireRescaling(processor, where);
  const size = configSide(processor, "size") ?? ownSize;
  const crops = processor.do_center_crop === true;
  const imageSize = requireSize(crops ? (configSide(processor, "crop_size") ?? size) : size, where);
  // ConvNextImageProcessor, which ResNets use, cuts out this share below 384 pixels.
  const cropShare = crops ? imageSize / size : size < 384 ? (configNumber(processor, "crop_pct") ?? 1) : 1;
  const squeezes = !crops && configRecord(processor, "size")?.shortest_edge === undefined;
  return {
    imageSize,
    preprocessing: {
      interpolation: processor.resample === BILINEAR ? "bilinear" : "bicubic",
      normalize: normalizationOf(processor),
      cropShare: requireShare(cropShare, where),
    },
    notes: [
      ...(squeezes
        ? ["the source squeezes whole pictures to a square; here the central square is taken"]
        : []),
      ...kernelNotes(processor.resample),
    ],
  };
}

function kernelNotes(resample: unknown): string[] {
  if (resample === undefined || resample === BILINEAR || resample === BICUBIC) return [];
  return [
    `the source resizes by PIL's kernel ${String(resample)}; here pictures are resized by the cubic one`,
  ];
}

function normalizationOf(processor: Config): Preprocessing["normalize"] {
  if (processor.do_normalize === false) return { mean: [0, 0, 0], std: [1, 1, 1] };
  const [mean, std] = [configTriple(processor, "image_mean"), configTriple(processor, "image_std")];
  return { mean: mean ?? [0.5, 0.5, 0.5], std: std ?? [0.5, 0.5, 0.5] };
}

function requireRescaling(processor: Config, where: string): void {
  const factor = processor.do_rescale === false ? 1 : (configNumber(processor, "rescale_factor") ?? 1 / 255);
  if (Math.abs(factor * 255 - 1) < 1e-4) return;
  throw unknownView(where, "pixels divided by 255", `multiplied by ${factor}`);
}

/** More pixels than any encoder of the field sees. */
const MOST_PIXELS = 4096;

function requireSize(size: number, where: string): number {
  if (Number.isInteger(size) && size >= 1 && size <= MOST_PIXELS) return size;
  throw unknownView(where, `pictures of 1 to ${MOST_PIXELS} pixels`, `${size}`);
}

function requireShare(share: number, where: string): number {
  if (share > 0 && share <= 1) return share;
  throw unknownView(where, "a crop within the picture", `${share} of its shorter side`);
}

/** `pretrained_cfg` of timm's configurations. */
function byTimm(config: Config, family: Family, ownSize: number, where: string): ModelView {
  const size = Array.isArray(config.input_size) ? Number(config.input_size[1]) : ownSize;
  const { normalize } = family.view;
  const kernel = configText(config, "interpolation");
  return {
    imageSize: requireSize(size, where),
    preprocessing: {
      interpolation: kernel === "bilinear" ? "bilinear" : "bicubic",
      normalize: {
        mean: configTriple(config, "mean") ?? normalize.mean,
        std: configTriple(config, "std") ?? normalize.std,
      },
      cropShare: requireShare(configNumber(config, "crop_pct") ?? 1, where),
    },
    notes: [],
  };
}

function unknownView(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("weights/unknown", {
    what: "the source prepares pictures in a way that is not known here",
    where: `${where}, its configuration`,
    expected,
    got,
  });
}
