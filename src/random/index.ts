/** Randomness as a pure function of (seed, stream, epoch, index). */
export { type RandomStream, randomStream } from "./random-stream.ts";
