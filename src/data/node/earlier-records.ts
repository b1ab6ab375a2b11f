import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { CacheIndex } from "./cache-index.ts";
import { RECORDS_FILE } from "./cache-partial.ts";
import type { PictureOutcome } from "./cache-record.ts";

/** The records of a finished cache, for a new cache of the same listing. */
export class EarlierRecords {
  readonly #file: FileHandle;
  readonly #index: CacheIndex;
  readonly #changed: ReadonlySet<number>;
  /**
   * For each entry, its index among the records and the start of its record; or the reason it was skipped.
   */
  readonly #found = new Map<number, { place: number; start: number } | { skip: string }>();

  private constructor(file: FileHandle, index: CacheIndex, changed: ReadonlySet<number>) {
    [this.#file, this.#index, this.#changed] = [file, index, changed];
    let start = 0;
    for (const [place, entry] of index.entries.entries()) {
      this.#found.set(entry, { place, start });
      start += index.lengths[place]!;
    }
    const broken = [...index.hashes.keys()].filter((entry) => !this.#found.has(entry));
    for (const [at, entry] of broken.entries()) this.#found.set(entry, { skip: index.skipped[at]!.reason });
  }

  /** @param changed entries whose files have to be read again. */
  static async open(
    folder: string,
    index: CacheIndex,
    changed: ReadonlySet<number>,
  ): Promise<EarlierRecords> {
    return new EarlierRecords(await open(join(folder, RECORDS_FILE), "r"), index, changed);
  }

  /**
   * The earlier outcome of a picture; null if its file has to be read again, or its record cannot be read.
   */
  async outcome(entry: number): Promise<PictureOutcome | null> {
    const found = this.#found.get(entry);
    const hash = this.#index.hashes[entry] ?? null;
    if (found === undefined || hash === null || this.#changed.has(entry)) return null;
    if ("skip" in found) return { skip: found.skip, hash };
    const { heights, widths, lengths, traits } = this.#index;
    const data = Buffer.allocUnsafe(lengths[found.place]!);
    const { bytesRead } = await this.#file.read(data, 0, data.length, found.start);
    if (bytesRead < data.length) return null;
    const size = { height: heights[found.place]!, width: widths[found.place]! };
    return { ...size, data, hash, traits: traits[found.place]!, isRecord: true };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
