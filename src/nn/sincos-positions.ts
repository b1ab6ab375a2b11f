/**
 * Fixed position embedding of a square grid, `[1, 1 + side², width]` row-major, zeros for the class token:
 * half of the width for the column, half for the row, each sines and then cosines of position /
 * 10000^(2i/width'). Source: `get_2d_sincos_pos_embed` in facebookresearch/mae `util/pos_embed.py` (He et al.
 * 2021, arXiv 2111.06377).
 *
 * @param width a multiple of 4.
 */
export function sincosPositions(side: number, width: number): Float32Array {
  const half = width / 2;
  const quarter = width / 4;
  const values = new Float32Array((1 + side * side) * width);
  for (let place = 0; place < side * side; place++) {
    const start = (1 + place) * width;
    for (const [axis, position] of [place % side, Math.floor(place / side)].entries()) {
      for (let i = 0; i < quarter; i++) {
        const angle = position / 10_000 ** (i / quarter);
        values[start + axis * half + i] = Math.sin(angle);
        values[start + axis * half + quarter + i] = Math.cos(angle);
      }
    }
  }
  return values;
}
