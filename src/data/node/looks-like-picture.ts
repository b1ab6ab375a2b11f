import { closeSync, openSync, readSync } from "node:fs";
import { type BytePath, forFs } from "./byte-path.ts";

/** The number of bytes that are read from a file: an SVG may begin with a declaration and comments. */
const START_BYTES = 1024;

/** First bytes of JPEG, PNG, GIF, TIFF and BigTIFF, one character for each byte. */
const STARTS = [
  ...["\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "GIF87a", "GIF89a"],
  ...["II*\0", "MM\0*", "II+\0", "MM\0+"],
];
/** WebP, AVIF, and SVG. SVG is text: declarations and comments may come before its element. */
const PATTERNS = [
  /^RIFF[\s\S]{4}WEBP/,
  /^[\s\S]{4}ftyp(?:avi[fs]|(?:mif1|msf1)(?:[\s\S]{4})*?avi[fs])/,
  /^(?:\xef\xbb\xbf)?\s*(?:<[?!](?:[^<]|<(?![\w?!]))*)*<(?:svg:)?svg[\s>]/,
];

/**
 * Whether the first bytes of a file are those of a picture, whatever its name. Throws the file system's
 * errors.
 */
export function looksLikePicture(path: BytePath): boolean {
  const file = openSync(forFs(path), "r");
  try {
    const bytes = Buffer.alloc(START_BYTES);
    const start = bytes.toString("latin1", 0, readSync(file, bytes, 0, START_BYTES, 0));
    return STARTS.some((one) => start.startsWith(one)) || PATTERNS.some((pattern) => pattern.test(start));
  } finally {
    closeSync(file);
  }
}
