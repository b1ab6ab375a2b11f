/**
 * ResNet (He et al. 2015, arXiv 1512.03385) with torchvision's parameter names; the stride of a bottleneck is
 * in its 3×3 convolution, as there.
 */
import { type Initializer, ones, zeros } from "../nn/initializers.ts";
import { batchNorm, type ConvOptions, conv, groupNorm } from "../nn/layers.ts";
import type { Scope } from "../nn/scope.ts";
import { standardizeFilters } from "../nn/standardize-filters.ts";
import { add, maxPool, mean, relu, type Tensor } from "../tensor/index.ts";
import type { Backbone } from "./backbone.ts";
import { fullStride, outputStrideOf, type ResNetSettings } from "./resnet-settings.ts";

const BLOCKS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
} as const;

/**
 * ResNet-18, 34, 50, 101 or 152 over pictures `[B, 3, H, W]` of any size, to features `[B, D]`: the mean over
 * the last map `[B, D, h, w]`, D = 8·width (32·width from depth 50 on). h is H / output stride, rounded up:
 * H/32 with the `imagenet` stem and H/8 with `cifar`, unless the settings say another. Its batch norms keep
 * running statistics; in evaluation, pictures do not depend on each other.
 *
 * Errors of `build`: AfterimageError `tensor/shape` for pictures of another rank than `[B, 3, H, W]` or a
 * width that is no whole number.
 *
 * @throws AfterimageError `usage/value` for an output stride that the stem does not leave.
 */
export function resnet(settings: ResNetSettings): Backbone {
  const { depth, width, stem, norm = "batch", zeroInit = false } = settings;
  const layers = LAYERS[norm];
  const expansion = depth >= 50 ? 4 : 1;
  const block = depth >= 50 ? bottleneck : basicBlock;
  const lastScale = zeroInit ? zeros : ones;
  const geometry = stageGeometry(settings);
  return {
    name: `resnet${depth}`,
    family: "resnet",
    features: width * 8 * expansion,
    multipleOf: 1,
    batchNorm: norm === "batch",
    layers: BLOCKS[depth].flatMap((count, stage) =>
      Array.from({ length: count }, (_, index) => `layer${stage + 1}.${index}`),
    ),
    settings: { ...settings },
    build(scope, pictures) {
      const first = (stem === "cifar" ? cifarStem : imagenetStem)(scope, pictures, { layers, width });
      let x = stem === "cifar" ? first : pooled(scope, first);
      const stages: Tensor[] = [];
      for (const [stage, count] of BLOCKS[depth].entries()) {
        const { stride, rateBefore, rate } = geometry[stage]!;
        for (let index = 0; index < count; index++) {
          const own = index === 0 ? { stride, rateBefore, rate } : { stride: 1, rateBefore: rate, rate };
          const options = { layers, width: width * 2 ** stage, ...own, lastScale };
          x = block(scope.at(`layer${stage + 1}.${index}`), x, options);
        }
        stages.push(x);
      }
      return { features: scope.at("avgpool").labelled(() => mean(x, [2, 3])), map: x, stem: first, stages };
    },
  };
}

/** How a stage begins, and how far apart the taps of its 3×3 convolutions are. */
interface Geometry {
  stride: number;
  /** The rate up to the place of the stride, that of the stage before. */
  rateBefore: number;
  /** The rate behind it. */
  rate: number;
}

/**
 * The four stages. Once the output stride is reached, a stage doubles the rate of all that follows instead of
 * striding: its map then has every cell of the strided one, with the same values, and those between (Chen et
 * al. 2017, arXiv 1706.05587, section 3.1; torchvision's `replace_stride_with_dilation`).
 */
function stageGeometry(settings: ResNetSettings): Geometry[] {
  const wanted = outputStrideOf(settings);
  let reached = fullStride(settings.stem) / 8; // behind the stem
  let rate = 1;
  return [1, 2, 2, 2].map((factor) => {
    const rateBefore = rate;
    if (reached < wanted) reached *= factor;
    else rate *= factor;
    return { stride: factor / (rate / rateBefore), rateBefore, rate };
  });
}

/** The layers that differ between the kinds of norm, under the same names. */
interface Layers {
  conv(scope: Scope, x: Tensor, options: ConvOptions): Tensor;
  norm(scope: Scope, x: Tensor, options?: { scaleInit: Initializer }): Tensor;
}

const LAYERS: Readonly<Record<NonNullable<ResNetSettings["norm"]>, Layers>> = {
  batch: { conv, norm: batchNorm },
  group: {
    conv: (scope, x, options) => conv(scope, x, { ...options, filters: standardizeFilters }),
    norm: groupNorm,
  },
  layer: { conv, norm: (scope, x, options) => groupNorm(scope, x, { ...options, groups: 1 }) },
};

interface StemOptions {
  layers: Layers;
  width: number;
}

function imagenetStem(
  scope: Scope,
  pictures: Tensor,
  { layers: { conv, norm }, width }: StemOptions,
): Tensor {
  const x = conv(scope.at("conv1"), pictures, { out: width, kernel: 7, stride: 2, padding: 3 });
  return relu(norm(scope.at("bn1"), x));
}

function pooled(scope: Scope, x: Tensor): Tensor {
  return scope.at("maxpool").labelled(() => maxPool(x, { kernel: 3, stride: 2, padding: 1 }));
}

function cifarStem(scope: Scope, pictures: Tensor, { layers: { conv, norm }, width }: StemOptions): Tensor {
  const x = conv(scope.at("conv1"), pictures, { out: width, kernel: 3, padding: 1 });
  return relu(norm(scope.at("bn1"), x));
}

interface BlockOptions extends StemOptions, Geometry {
  /** The initial scale of the last norm. */
  lastScale: Initializer;
}

function basicBlock(scope: Scope, x: Tensor, options: BlockOptions): Tensor {
  const { layers, width, stride, rateBefore, rate } = options;
  const { conv, norm } = layers;
  let y = conv(scope.at("conv1"), x, { out: width, kernel: 3, stride, ...atRate(rateBefore) });
  y = relu(norm(scope.at("bn1"), y));
  y = conv(scope.at("conv2"), y, { out: width, kernel: 3, ...atRate(rate) });
  y = norm(scope.at("bn2"), y, { scaleInit: options.lastScale });
  return scope.labelled(() => relu(add(y, shortcut(scope, x, options, width))));
}

function bottleneck(scope: Scope, x: Tensor, options: BlockOptions): Tensor {
  const { layers, width, stride, rateBefore } = options;
  const { conv, norm } = layers;
  let y = relu(norm(scope.at("bn1"), conv(scope.at("conv1"), x, { out: width, kernel: 1 })));
  y = conv(scope.at("conv2"), y, { out: width, kernel: 3, stride, ...atRate(rateBefore) });
  y = relu(norm(scope.at("bn2"), y));
  y = conv(scope.at("conv3"), y, { out: width * 4, kernel: 1 });
  y = norm(scope.at("bn3"), y, { scaleInit: options.lastScale });
  return scope.labelled(() => relu(add(y, shortcut(scope, x, options, width * 4))));
}

/** A 3×3 convolution that keeps the size of the map. */
function atRate(rate: number): { dilation: number; padding: number } {
  return { dilation: rate, padding: rate };
}

function shortcut(scope: Scope, x: Tensor, { layers, stride }: BlockOptions, out: number): Tensor {
  const { conv, norm } = layers;
  if (stride === 1 && x.shape[1] === out) return x;
  return norm(scope.at("downsample.1"), conv(scope.at("downsample.0"), x, { out, kernel: 1, stride }));
}
