/**
 * Processes that compute a step together; each embeds its share of a batch. Only here they exchange data:
 * sums of gradients, means of states and gathered embeddings.
 */
import type { TensorData } from "../tensor/index.ts";

/** Arrays by name. */
export type NamedData = Readonly<Record<string, TensorData>>;

export interface Peers {
  /** The number of this peer, from 0. */
  readonly rank: number;
  /** The number of peers, including this one. */
  readonly size: number;
  /**
   * Replaces each array by its sum over all peers. All peers call it together, with the same names and
   * lengths.
   */
  sum(arrays: Readonly<Record<string, Float32Array>>): Promise<void>;
  /**
   * The arrays of every peer, by rank. All peers call it together, with the same names, types and lengths.
   */
  gather(arrays: NamedData): Promise<readonly NamedData[]>;
}

/** A process without others. */
export const SINGLE: Peers = {
  rank: 0,
  size: 1,
  sum: () => Promise.resolve(),
  gather: (arrays) => Promise.resolve([arrays]),
};
