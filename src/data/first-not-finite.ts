/**
 * The index of the first NaN or infinity; -1 if all numbers are finite.
 *
 * It costs one addition for each number: a sum of finite float32 values is finite in double precision, and
 * any NaN or infinity makes it not finite. There are four sums, because each addition to a sum waits for the
 * one before.
 */
export function firstNotFinite(data: ArrayLike<number>): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = data.length - (data.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += data[i]!;
    b += data[i + 1]!;
    c += data[i + 2]!;
    d += data[i + 3]!;
  }
  for (let i = whole; i < data.length; i++) a += data[i]!;
  if (Number.isFinite(a + b + c + d)) return -1;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return i;
  return -1;
}
