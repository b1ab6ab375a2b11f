import * as z from "zod";
import { canvasBytes } from "../picture-dataset.ts";
import type { CachePlan } from "./cache-plan.ts";

const NEWLINE = 10;

/** Names the contents of a file. */
const fileHash = z.string().regex(/^[\da-f]{32}$/);

/**
 * The journal of a cache being built: a line for every picture of the listing, in its order, written after
 * the picture's record. So a build that was killed continues after the last complete line whose record is
 * complete too.
 */
const recordLine = z.strictObject({
  height: z.int().positive(),
  width: z.int().positive(),
  bytes: z.int().positive(),
  /** CRC-32 of the record. */
  crc: z.int().nonnegative(),
  hash: fileHash,
  /** The hash from which findings are made: `data/picture-findings.ts`. */
  recordHash: z.string(),
  span: z.int().nonnegative().max(255),
  backdrop: z.enum(["white", "black"]).optional(),
  cropped: z.literal(true).optional(),
  scaling: z.enum(["fewer-bits", "own-range"]).optional(),
});
/**
 * A skipped file. Without a hash the file could not be read; such an error may pass, so it is tried again.
 */
const skipLine = z.strictObject({ skip: z.string(), hash: fileHash.optional() });
const journalLine = z.union([recordLine, skipLine]);

export type JournalLine = z.infer<typeof journalLine>;

/** A line as it is written, including its line end. */
export function formatLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * Reads the lines up to the first that is cut short or does not belong to the plan, because lines after a
 * torn one are not reliable. Never throws.
 *
 * @returns the lines, and for each the number of bytes up to its end.
 */
export function parseJournal(
  bytes: Uint8Array,
  plan: Pick<CachePlan, "canvas" | "mode">,
): { lines: JournalLine[]; ends: number[] } {
  const lines: JournalLine[] = [];
  const ends: number[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const line = parseLine(bytes.subarray(start, end));
    if (line === null || !belongs(line, plan)) break;
    start = end + 1;
    lines.push(line);
    ends.push(start);
  }
  return { lines, ends };
}

function parseLine(bytes: Uint8Array): JournalLine | null {
  try {
    return journalLine.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch {
    return null; // not JSON
  }
}

function belongs(line: JournalLine, { canvas, mode }: Pick<CachePlan, "canvas" | "mode">): boolean {
  if ("skip" in line) return true;
  return (
    Math.max(line.height, line.width) <= canvas && (mode === "encoded" || line.bytes === canvasBytes(canvas))
  );
}
