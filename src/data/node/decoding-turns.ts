/**
 * Takes turns at decoding. libvips keeps its error texts in one place for all threads: if two decodings fail
 * at once, either may get the other's reason, or none. So pictures are decoded in parallel, and one that
 * failed is decoded again while no other runs. It then gets its own reason, the same in every run.
 */
export class DecodingTurns {
  #together = 0;
  #isAlone = false;
  readonly #waiting: (() => void)[] = [];

  /** Runs `work` in parallel with others of its kind. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isAlone) await this.#change();
    this.#together++;
    try {
      return await work();
    } finally {
      this.#together--;
      this.#wake();
    }
  }

  /** Runs `work` while nothing else runs. Later calls wait. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isAlone) await this.#change();
    this.#isAlone = true;
    try {
      while (this.#together > 0) await this.#change();
      return await work();
    } finally {
      this.#isAlone = false;
      this.#wake();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
