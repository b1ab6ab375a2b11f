import { constants, existsSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { AfterimageError } from "../../errors.ts";
import { formatLine, type JournalLine, parseJournal } from "./cache-journal.ts";
import { JOURNAL_FILE, RECORDS_FILE } from "./cache-partial.ts";
import type { CachePlan } from "./cache-plan.ts";
import { fillRecord, lineOf, type PictureOutcome, recordLength } from "./cache-record.ts";
import { fsReason } from "./fs-error.ts";

/**
 * Records are collected in a buffer of this size before they are written, or of the size of one record if
 * that is larger.
 */
const GATHER_BYTES = 4 * 2 ** 20;
/** Lines are written at the latest when this many have been collected. */
const GATHER_LINES = 256;

/**
 * Fills a half-built cache: records one after another, and a journal with a line for each picture, written
 * after its record. Opened on the folder of a build that was killed, it continues after the last complete
 * picture.
 *
 * Records are made directly in the buffer that is written. At several hundred pictures a second, one
 * allocation for each would cost more garbage collection than the writing itself.
 *
 * @throws AfterimageError `data/cache` from every method when the disk refuses: full, read-only, gone.
 */
export class CacheWriter {
  /** A line for every picture so far, in the listing's order. */
  readonly lines: JournalLine[] = [];
  readonly #folder: string;
  readonly #plan: CachePlan;
  readonly #records: FileHandle;
  readonly #journal: FileHandle;
  #recordsEnd = 0;
  #journalEnd = 0;
  /** The number of `lines` that are in the journal. */
  #journaled = 0;
  #gather = Buffer.allocUnsafe(GATHER_BYTES);
  #gathered = 0;

  private constructor(folder: string, plan: CachePlan, records: FileHandle, journal: FileHandle) {
    this.#folder = folder;
    this.#plan = plan;
    this.#records = records;
    this.#journal = journal;
  }

  /** Opens the files in `folder`, creates them if they do not exist, and cuts off incomplete ends. */
  static async open(folder: string, plan: CachePlan): Promise<CacheWriter> {
    return orDiskError(folder, async () => {
      const flags = constants.O_RDWR | constants.O_CREAT; // keeps what is there
      const records = await open(join(folder, RECORDS_FILE), flags);
      const journal = await open(join(folder, JOURNAL_FILE), flags);
      const writer = new CacheWriter(folder, plan, records, journal);
      await writer.#resume();
      return writer;
    });
  }

  /** Adds the outcome of the listing's next picture; returns `true` if it was time to write. */
  async add(outcome: PictureOutcome): Promise<boolean> {
    if ("skip" in outcome) {
      this.lines.push(outcome);
    } else {
      const record = await this.#reserve(recordLength(outcome, this.#plan));
      fillRecord(outcome, this.#plan, record);
      this.lines.push(lineOf(outcome, record));
    }
    const due = this.#gathered >= GATHER_BYTES || this.lines.length - this.#journaled >= GATHER_LINES;
    if (due) await this.flush();
    return due;
  }

  /**
   * Whether another build has taken the folder. The files that are still open here then belong to that build.
   */
  get isLost(): boolean {
    return !existsSync(this.#folder);
  }

  /** Writes what was collected, records first. Writes nothing if the files now belong to another build. */
  async flush(): Promise<void> {
    if (!this.isLost) await orDiskError(this.#folder, () => this.#write());
    this.#gathered = 0;
    this.#journaled = this.lines.length;
  }

  async #write(): Promise<void> {
    const records = this.#gather.subarray(0, this.#gathered);
    this.#recordsEnd = await append(this.#records, records, this.#recordsEnd);
    const text = this.lines.slice(this.#journaled).map(formatLine).join("");
    this.#journalEnd = await append(this.#journal, Buffer.from(text), this.#journalEnd);
  }

  /** The next `length` bytes of the buffer. If they do not fit, the buffer is written first. */
  async #reserve(length: number): Promise<Uint8Array> {
    if (this.#gathered + length > this.#gather.length) await this.flush();
    if (length > this.#gather.length) this.#gather = Buffer.allocUnsafe(length);
    this.#gathered += length;
    return this.#gather.subarray(this.#gathered - length, this.#gathered);
  }

  /** Writes the rest and waits until the records are on the disk. */
  async finish(): Promise<void> {
    await this.flush();
    await orDiskError(this.#folder, () => this.#records.sync());
  }

  async close(): Promise<void> {
    await this.#records.close();
    await this.#journal.close();
  }

  /** Keeps the lines whose records exist and match their hash, and cuts both files after them. */
  async #resume(): Promise<void> {
    const { lines, ends } = parseJournal(await readFile(join(this.#folder, JOURNAL_FILE)), this.#plan);
    const { size } = await this.#records.stat();
    for (const [at, line] of lines.slice(0, this.#plan.count).entries()) {
      if (!("skip" in line)) {
        if (line.bytes > size - this.#recordsEnd) break;
        const record = Buffer.allocUnsafe(line.bytes);
        await this.#records.read(record, 0, line.bytes, this.#recordsEnd);
        if (crc32(record) !== line.crc) break;
        this.#recordsEnd += line.bytes;
      }
      this.lines.push(line);
      this.#journalEnd = ends[at]!;
    }
    this.#journaled = this.lines.length;
    await this.#records.truncate(this.#recordsEnd);
    await this.#journal.truncate(this.#journalEnd);
  }
}

/** Writes all of `bytes` at `position`; returns the position after them. */
async function append(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
  return position + done;
}

/**
 * Runs `work`. If the disk refuses, throws an error that says so, and that finished pictures are not lost.
 */
export async function orDiskError<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AfterimageError) throw cause;
    throw new AfterimageError(
      "data/cache",
      {
        what: "the picture cache cannot be written",
        where: folder,
        got: fsReason(cause),
        todo: "Free some space and run the same command again: it continues from here. Or choose another cache folder (AFTERIMAGE_CACHE).",
      },
      { cause },
    );
  }
}
