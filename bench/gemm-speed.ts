/** The speed of matrix products on this machine, for comparison with steps. */
import { createSession } from "afterimage/runtime";
import { compile, input, matmul, sliceAxis } from "afterimage/tensor";

/** Shapes of a square product and of a ViT's products. The fastest counts. */
const SHAPES = [
  [2048, 2048, 2048],
  [2368, 384, 1536],
  [2368, 1536, 384],
] as const;
const RUNS = 7;

/** GFLOP/s of the fastest float32 product on ONNX Runtime. */
export async function gemmSpeed(threads: number): Promise<number> {
  let best = 0;
  for (const [m, k, n] of SHAPES) {
    const product = matmul(input("a", [m, k]), input("b", [k, n]));
    const session = await createSession(compile({ corner: sliceAxis(product, 0, 0, 1) }), { threads });
    const feeds = { a: noise(m * k), b: noise(k * n) };
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      await session.run(feeds);
      best = Math.max(best, (2 * m * k * n) / (performance.now() - start) / 1e6);
    }
    await session.release();
  }
  return best;
}

function noise(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i));
}
