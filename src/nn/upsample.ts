/** Upsampling without weights, by the names of PyTorch's modules. */
import { type InterpolateOptions, interpolate, type Tensor } from "../tensor/index.ts";

type Places = Pick<InterpolateOptions, "size" | "scaleFactor">;

/** Nearest neighbours: as `torch.nn.UpsamplingNearest2d`. Errors are those of `interpolate`. */
export function upsamplingNearest2d(x: Tensor, to: Places): Tensor {
  return interpolate(x, { ...to, mode: "nearest" });
}

/**
 * Bilinear interpolation between corner pixels that stay corners: as `torch.nn.UpsamplingBilinear2d`, whose
 * corners are aligned, other than those of `interpolate` by default.
 */
export function upsamplingBilinear2d(x: Tensor, to: Places): Tensor {
  return interpolate(x, { ...to, mode: "bilinear", alignCorners: true });
}
