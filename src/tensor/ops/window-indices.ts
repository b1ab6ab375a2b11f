/** Where the windows of a convolution lie, as row numbers. */

export interface WindowGeometry {
  batch: number;
  /** Of the padded picture. */
  height: number;
  width: number;
  outHeight: number;
  outWidth: number;
  kh: number;
  kw: number;
  stride: readonly [number, number];
  dilation: readonly [number, number];
}

/**
 * For rows of channels `[B·H·W, C]` the row under each tap of each output position: int32 `[B·OH·OW, KH·KW]`.
 * Gathering them is the im2col of a picture that lies in rows.
 */
export function windowIndices(geometry: WindowGeometry): Int32Array {
  const { batch, height, width, outHeight, outWidth, kh, kw, stride, dilation } = geometry;
  const indices = new Int32Array(batch * outHeight * outWidth * kh * kw);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        const corner = image * height * width + y * stride[0] * width + x * stride[1];
        for (let i = 0; i < kh; i++) {
          for (let j = 0; j < kw; j++) indices[at++] = corner + i * dilation[0] * width + j * dilation[1];
        }
      }
    }
  }
  return indices;
}
