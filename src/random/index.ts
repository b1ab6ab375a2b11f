/** Randomness as a pure function of (seed, stream, epoch, index). */
export { drawBeta } from "./beta.ts";
export { type RandomStream, randomStream } from "./random-stream.ts";
