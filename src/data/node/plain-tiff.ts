/** Photometric interpretations of a plain TIFF. */
export const PLAIN_TIFF = { cmyk: 5, cielab: 8 } as const;

/**
 * Samples as the simplest TIFF: one strip, uncompressed, little-endian. libvips can then convert colours that
 * sharp accepts in no other form.
 *
 * @param samples `[height, width, bands]` of CMYK in bytes, or of L*a*b* in 16 bits (L* 0 to 65535 for 0 to
 * 100; a* and b* in two's complement, 256 times their value).
 */
export function plainTiff(
  samples: Uint8Array | Uint16Array,
  { height, width, photometric }: { height: number; width: number; photometric: number },
): Uint8Array {
  const bits = 8 * samples.BYTES_PER_ELEMENT;
  const bands = samples.length / (height * width);
  const entries = [
    [256, width],
    [257, height],
    [258, null],
    [259, 1],
    [262, photometric],
    [273, null],
    [277, bands],
    [278, height],
    [279, samples.byteLength],
  ] as const;
  const depths = 8 + 2 + 12 * entries.length + 4;
  const start = depths + 2 * bands;
  const out = new Uint8Array(start + samples.byteLength);
  const view = new DataView(out.buffer);
  view.setUint32(0, 0x49492a00); // "II", 42
  view.setUint32(4, 8, true);
  view.setUint16(8, entries.length, true);
  entries.forEach(([tag, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, tag === 258 ? 3 : 4, true);
    view.setUint32(at + 4, tag === 258 ? bands : 1, true);
    view.setUint32(at + 8, value ?? (tag === 258 ? depths : start), true);
  });
  for (let band = 0; band < bands; band++) view.setUint16(depths + 2 * band, bits, true);
  for (let i = 0, at = start; i < samples.length; i++, at += samples.BYTES_PER_ELEMENT) {
    if (bits === 8) view.setUint8(at, samples[i]!);
    else view.setUint16(at, samples[i]!, true);
  }
  return out;
}
