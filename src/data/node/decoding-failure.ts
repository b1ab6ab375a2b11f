import { HEIC_REASON, isHevcMessage } from "./picture-kind.ts";
import { MAX_PIXELS } from "./picture-source.ts";
import { readTiffTags, TAG } from "./tiff-tags.ts";
import { isGif, isJpeg, pngFault } from "./unfinished-file.ts";

const JPEG_IN_TIFF = 7;
/**
 * Encoders may leave this many extra bytes between the codes and the next marker; no pixel is missing then.
 */
const MOST_EXTRANEOUS = 32;

/**
 * The severity at which decoding a file stops. JPEG and GIF report missing pixels only as warnings, so for
 * them warnings count.
 */
export function strictness(bytes: Uint8Array): "error" | "warning" {
  if (isJpeg(bytes) || isGif(bytes)) return "warning";
  const compression = readTiffTags(bytes)?.numbers.get(TAG.compression)?.[0];
  return compression === JPEG_IN_TIFF ? "warning" : "error";
}

/** Whether a warning of a decoder says that pixels are missing or wrong. */
export function isDamage(error: unknown): boolean {
  const message = messageOf(error);
  const extraneous = /(\d+) extraneous bytes/.exec(message);
  if (extraneous !== null && Number(extraneous[1]) >= MOST_EXTRANEOUS) return true;
  return /premature end|bad Huffman code|instead of RST|arithmetic|progression|Invalid frame data|unexpected end/i.test(
    message,
  );
}

/** The reason why sharp could not decode a file, in a few words. */
export function failureReason(error: unknown, bytes: Uint8Array): string {
  const message = messageOf(error);
  if (/unsupported image format/.test(message)) return "not a picture in a supported format";
  if (/pixel limit/.test(message)) return `more than ${Math.floor(MAX_PIXELS / 1e6)} million pixels`;
  if (/channel limit/.test(message)) return "pictures with more than 5 bands are not supported";
  if (isHevcMessage(message)) return HEIC_REASON;
  const detail = detailOf(message);
  const png = pngFault(bytes);
  if (png !== null) return png;
  const isCut = /unable to parse image|not enough data|unable to read|bad seek|end of file/i.test(message);
  if (isCut || isDamage(error)) return `the file is cut short or damaged${detail}`;
  return `the file is damaged or of an unsupported kind${detail}`;
}

/** The decoder's own words: each once, without the names of libvips' functions. */
function detailOf(message: string): string {
  const parts = message
    .replace(/^Input buffer has corrupt header: /, "")
    .split("\n")
    .map((line) =>
      line.replace(/^(?:Vips\w+|vips\w+|webp2vips|tiff2vips|\w+load_buffer|source|image): /, "").trim(),
    )
    .filter(
      (line) =>
        line !== "" &&
        !/^bad seek|^Unknown error$|^Warning treated as error|^error in (?:tile|strip)/.test(line),
    );
  const text = [...new Set(parts)].join("; ").slice(0, 160);
  return text === "" ? "" : ` (${text})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
