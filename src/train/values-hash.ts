import { contentHash, textHash } from "../data/content-hash.ts";
import { bytesOf } from "../formats/named-array.ts";

/** A hash of values by path, whatever their order. Not for security. */
export function valuesHash(values: Iterable<readonly [path: string, data: Float32Array]>): string {
  const hashes = Array.from(values, ([path, data]) => [path, contentHash(bytesOf(data))] as const);
  return textHash(JSON.stringify(hashes.sort(([a], [b]) => (a < b ? -1 : 1))));
}
