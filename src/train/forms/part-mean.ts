/** The mean over pictures of the results of a batch's parts: losses, metrics, next states. */
import type { Results } from "../../runtime/session.ts";
import type { Peers } from "../peers.ts";

export class PartMean {
  readonly #sums = new Map<string, Float64Array>();
  #count = 0;

  add(results: Results, pictures: number): void {
    this.#count += pictures;
    for (const [name, data] of Object.entries(results)) {
      const sum = this.#sums.get(name) ?? new Float64Array(data.length);
      for (let i = 0; i < data.length; i++) sum[i]! += pictures * (data[i] as number);
      this.#sums.set(name, sum);
    }
  }

  /** The mean over all peers, whose shares of the batch are equal. */
  async over(peers: Peers): Promise<Results> {
    const count = this.#count * peers.size;
    const means = Object.fromEntries(
      [...this.#sums].map(([name, sum]) => [name, Float32Array.from(sum, (v) => v / count)]),
    );
    await peers.sum(means);
    return means;
  }
}
