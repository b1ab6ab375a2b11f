/**
 * Who decodes now. libvips keeps the words of its errors in one place for all threads: of two decodings at
 * once that fail, either may get the other's reason, or none. So pictures are decoded together, and one that
 * failed is decoded again alone, which gives its own reason, the same in every run.
 */
export class DecodingTurns {
  #together = 0;
  #isAlone = false;
  readonly #waiting: (() => void)[] = [];

  /** Runs `work` beside others of its kind. */
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

  /** Runs `work` when nothing else runs. Those who come meanwhile wait. */
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
