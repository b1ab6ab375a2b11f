/** Text from bytes that claim to be UTF-8. */

export interface DecodedText {
  text: string;
  /** How many replacement characters (U+FFFD) stand in the place of bytes that are no UTF-8. */
  replaced: number;
}

const REPLACEMENT = "\uFFFD";
/** U+FFFD itself, in UTF-8: a text may contain it. */
const WRITTEN = [0xef, 0xbf, 0xbd] as const;

/**
 * Decodes UTF-8, without a byte order mark. Bytes that are no UTF-8 are replaced by U+FFFD, as the WHATWG's
 * standard on encodings says, and counted.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const text = new TextDecoder("utf-8").decode(bytes);
  let shown = 0;
  for (let at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, at + 1)) shown += 1;
  return { text, replaced: shown === 0 ? 0 : shown - countWritten(bytes) };
}

function countWritten(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at + 2 < bytes.length; at++)
    if (bytes[at] === WRITTEN[0] && bytes[at + 1] === WRITTEN[1] && bytes[at + 2] === WRITTEN[2]) count += 1;
  return count;
}
