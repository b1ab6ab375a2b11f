/**
 * The views of well-known methods, with the values of their authors' code. Four things differ in all of them.
 * Colours are torchvision's (SimCLR's and BYOL's differ in contrast, brightness and saturation). Resizing is
 * antialiased. A blur reflects the border (in SimCLR and BYOL the outside is black). Views of at most 64
 * pixels are not blurred by default: a blur of 2 pixels, meant for 224, would leave little of them (SimCLR
 * leaves it out for CIFAR too: arXiv 2002.05709, B.9).
 */
import {
  type BlurSpec,
  type CropSpec,
  type Interpolation,
  type JitterSpec,
  NORMALIZATION,
  type Normalization,
  type ViewSpec,
} from "./view-spec.ts";

type Range = readonly [number, number];

const RATIO: Range = [3 / 4, 4 / 3];
const SIGMA: Range = [0.1, 2];
/** The largest size, in pixels, that counts as small. */
const SMALL = 64;

export interface ViewSetOptions {
  /** Height and width of the views, in pixels. */
  size: number;
  /** The crop's share of the area; by default the authors'. */
  scale?: Range;
  /** Whether there is blur; by default if `size` is above 64. */
  blur?: boolean;
  /** ImageNet's colours by default. Evaluation has to use the same. */
  normalize?: Normalization | null;
}

/**
 * SimCLR (Chen et al. 2020; google-research/simclr `data_util.py`): two views of one kind. The authors do not
 * normalise; here it is the default, as in the other sets.
 *
 * @param options `strength` is s of the colour jitter: by default 1, and .5 up to 64 pixels (the authors'
 * CIFAR runs).
 */
export function simclrViews(options: ViewSetOptions & { strength?: number }): ViewSpec[] {
  const { size, scale = [0.08, 1], strength = size <= SMALL ? 0.5 : 1 } = options;
  const view = {
    ...common(options, { scale, ratio: RATIO, interpolation: "bicubic" }),
    jitter: strongJitter(strength),
    blur: blurOf(options, 0.5, tenth(size)),
  };
  return [named(view, "first"), named(view, "second")];
}

/**
 * MoCo v1 and, before it, instance discrimination (Wu et al. 2018; zhirongw/lemniscate.pytorch `main.py`;
 * facebookresearch/moco `main_moco.py`): two views of one kind.
 */
export function mocoV1Views(options: ViewSetOptions): ViewSpec[] {
  const { scale = [0.2, 1] } = options;
  const view = {
    ...common(options, { scale, ratio: RATIO, interpolation: "bilinear" }),
    jitter: { probability: 1, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.4 },
  };
  return [named(view, "first"), named(view, "second")];
}

/**
 * MoCo v2 (Chen et al. 2020, arXiv 2003.04297; facebookresearch/moco `main_moco.py --aug-plus`): two views of
 * one kind.
 */
export function mocoV2Views(options: ViewSetOptions): ViewSpec[] {
  const { scale = [0.2, 1] } = options;
  const view = {
    ...common(options, { scale, ratio: RATIO, interpolation: "bilinear" }),
    jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
    blur: blurOf(options, 0.5, THREE_SIGMA),
  };
  return [named(view, "first"), named(view, "second")];
}

/** CMC (Tian et al. 2019; HobbitLong/CMC `train_CMC.py`): one view, whose colours are unchanged. */
export function cmcViews(options: ViewSetOptions): ViewSpec[] {
  const { scale = [0.08, 1] } = options;
  const view = common(options, { scale, ratio: RATIO, interpolation: "bilinear" });
  return [named({ ...view, greyscale: 0 }, "picture")];
}

/**
 * BYOL (Grill et al. 2020; deepmind-research `byol/utils/augmentations.py`): the second view may be solarised
 * and is rarely blurred. Barlow Twins and VICReg have the same values, but with PIL's blur, whose kernel does
 * not depend on the size of the picture.
 */
export function byolViews(options: ViewSetOptions): ViewSpec[] {
  return unlikeViews(options, "bicubic", tenth(options.size));
}

/**
 * MoCo v3 (Chen, Xie, He 2021, arXiv 2104.02057; facebookresearch/moco-v3 `main_moco.py`): BYOL's, resized
 * bilinearly.
 */
export function mocoV3Views(options: ViewSetOptions): ViewSpec[] {
  return unlikeViews(options, "bilinear", THREE_SIGMA);
}

/** A first view that is always blurred, and a second one that rarely is, but may be solarised. */
function unlikeViews(options: ViewSetOptions, interpolation: Interpolation, kernel: number): ViewSpec[] {
  const { scale = [0.08, 1] } = options;
  const view = { ...common(options, { scale, ratio: RATIO, interpolation }), jitter: WEAK_JITTER };
  return [
    { ...named(view, "first"), blur: blurOf(options, 1, kernel) },
    {
      ...named(view, "second"),
      blur: blurOf(options, 0.1, kernel),
      solarize: { probability: 0.2, threshold: 0.5 },
    },
  ];
}

/**
 * AMDIM (Bachman et al. 2019, arXiv 1906.00910; Philip-Bachman/amdim-public `datasets.py`): two views of one
 * kind. The authors mirror both or none, and crop CIFAR's pictures by shifting them.
 */
export function amdimViews(options: ViewSetOptions): ViewSpec[] {
  const { size, scale = [0.3, 1] } = options;
  const hue = size <= SMALL ? 0.2 : 0.1;
  const view = {
    ...common(options, { scale, ratio: [0.7, 1.4], interpolation: "bicubic" }),
    jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue },
    greyscale: 0.25,
  };
  return [named(view, "first"), named(view, "second")];
}

export interface MultiCropOptions {
  /** Height and width of the two global views, in pixels; decides on the blur. */
  globalSize: number;
  /** Size of the local views. By default the authors' ratio, 96 to 224. */
  localSize?: number;
  /** Number of local views, 0 for none. By default the authors': 6 for SwAV, 8 for DINO. */
  localCrops?: number;
  globalScale?: Range;
  localScale?: Range;
  blur?: boolean;
  normalize?: Normalization | null;
}

/**
 * SwAV (Caron et al. 2020; facebookresearch/swav `src/multicropdataset.py`): two global views, then the local
 * ones, all with the same colours. The authors' deviation of red, .228, is .229 here as in all sets.
 *
 * @param options `strength` of the colour jitter as for {@link simclrViews}.
 */
export function swavViews(options: MultiCropOptions & { strength?: number }): ViewSpec[] {
  const { globalSize, localCrops = 6, globalScale = [0.14, 1], localScale = [0.05, 0.14] } = options;
  const { localSize = Math.round((globalSize * 96) / 224), blur = globalSize > SMALL } = options;
  const { strength = globalSize <= SMALL ? 0.5 : 1 } = options;
  const view = (name: string, size: number, scale: Range): ViewSpec => ({
    ...common({ ...options, size }, { scale, ratio: RATIO, interpolation: "bilinear" }),
    name,
    jitter: strongJitter(strength),
    blur: blurOf({ size, blur }, 0.5, THREE_SIGMA),
  });
  return [
    view("global-1", globalSize, globalScale),
    view("global-2", globalSize, globalScale),
    ...Array.from({ length: localCrops }, (_, i) => view(`local-${i + 1}`, localSize, localScale)),
  ];
}

/**
 * DINO (Caron et al. 2021; facebookresearch/dino `main_dino.py`): two global views, then the local ones.
 *
 * DINOv2's authors specify the same blur (`dinov2/data/augmentations.py`) but get a different one: their
 * `GaussianBlur` in `transforms.py` passes 1 - p to RandomApply, whose p is the probability of applying it.
 * So the first global view is never blurred, the second with a probability of 0.9, and local ones with 0.5 as
 * here.
 */
export function dinoViews(options: MultiCropOptions): ViewSpec[] {
  const { globalSize, localCrops = 8, globalScale = [0.4, 1], localScale = [0.05, 0.4] } = options;
  const { localSize = Math.round((globalSize * 96) / 224), blur = globalSize > SMALL } = options;
  const view = (name: string, size: number, scale: Range, blurred: number): ViewSpec => ({
    ...common({ ...options, size }, { scale, ratio: RATIO, interpolation: "bicubic" }),
    name,
    jitter: WEAK_JITTER,
    blur: blurOf({ size, blur }, blurred, THREE_SIGMA),
  });
  return [
    view("global-1", globalSize, globalScale, 1),
    // PIL's threshold: the upper half of the 256 levels.
    {
      ...view("global-2", globalSize, globalScale, 0.1),
      solarize: { probability: 0.2, threshold: 128 / 255 },
    },
    ...Array.from({ length: localCrops }, (_, i) => view(`local-${i + 1}`, localSize, localScale, 0.5)),
  ];
}

function strongJitter(strength: number): JitterSpec {
  return {
    probability: 0.8,
    brightness: 0.8 * strength,
    contrast: 0.8 * strength,
    saturation: 0.8 * strength,
    hue: 0.2 * strength,
  };
}

/**
 * MAE (He et al. 2021, arXiv 2111.06377; facebookresearch/mae `main_pretrain.py`): one view, cropped and
 * flipped.
 */
export function maeViews(options: ViewSetOptions): ViewSpec[] {
  return [plainView(options, { scale: [0.2, 1], interpolation: "bicubic", flip: 0.5 })];
}

/**
 * SimMIM (Xie et al. 2021, arXiv 2111.09886; microsoft/SimMIM `data/data_simmim.py`): one view, cropped and
 * flipped.
 */
export function simmimViews(options: ViewSetOptions): ViewSpec[] {
  return [plainView(options, { scale: [0.67, 1], interpolation: "bilinear", flip: 0.5 })];
}

/**
 * I-JEPA (Assran et al. 2023, arXiv 2301.08243; facebookresearch/ijepa `configs/in1k_vith14_ep300.yaml`):
 * only a crop.
 */
export function ijepaViews(options: ViewSetOptions): ViewSpec[] {
  return [plainView(options, { scale: [0.3, 1], interpolation: "bilinear", flip: 0 })];
}

/** The view of methods that predict hidden parts: colours are unchanged. */
function plainView(
  options: ViewSetOptions,
  { scale, interpolation, flip }: Pick<CropSpec, "scale" | "interpolation"> & Pick<ViewSpec, "flip">,
): ViewSpec {
  const crop = { scale: options.scale ?? scale, ratio: RATIO, interpolation };
  return { ...named(common(options, crop), "picture"), flip, greyscale: 0 };
}

/**
 * One view that is cropped and mirrored, with unchanged colours. For methods that compare parts of a picture
 * with each other or predict their places.
 */
export function cropAndFlipView(options: ViewSetOptions): ViewSpec {
  return plainView(options, { scale: [0.6, 1], interpolation: "bilinear", flip: 0.5 });
}

const WEAK_JITTER: JitterSpec = {
  probability: 0.8,
  brightness: 0.4,
  contrast: 0.4,
  saturation: 0.2,
  hue: 0.1,
};

/**
 * Taps that hold three deviations of the widest blur, where the authors' code (PIL) uses the radius only.
 */
const THREE_SIGMA = 2 * Math.ceil(3 * SIGMA[1]) + 1;

/** A tenth of the picture, made odd as the authors' code does: 23 taps for 224 pixels. */
function tenth(size: number): number {
  return 2 * Math.floor(Math.floor(size / 10) / 2) + 1;
}

function blurOf(
  { size, blur }: { size: number; blur?: boolean },
  probability: number,
  kernel: number,
): BlurSpec | null {
  return (blur ?? size > SMALL) ? { probability, sigma: SIGMA, kernel } : null;
}

/** What the sets have in common. */
function common({ size, normalize = NORMALIZATION }: ViewSetOptions, crop: CropSpec): Omit<ViewSpec, "name"> {
  return { size, crop, flip: 0.5, jitter: null, greyscale: 0.2, blur: null, solarize: null, normalize };
}

function named(view: Omit<ViewSpec, "name">, name: string): ViewSpec {
  return { name, ...view };
}
