const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The bytes of a text file as UTF-8 without a byte order mark. A file in UTF-16, as Excel and PowerShell
 * write it, is converted. It is recognised by its mark, or by a first character with a zero byte. All other
 * bytes are unchanged, so that names that are not UTF-8 are preserved.
 */
export function utf8Bytes(bytes: Buffer): Buffer {
  if (bytes.subarray(0, 3).equals(UTF8_MARK)) return bytes.subarray(3);
  const order = utf16Order(bytes);
  if (order === null) return bytes;
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2));
  const text = (order === "big" ? Buffer.from(whole).swap16() : whole).toString("utf16le");
  return Buffer.from(text.replace(/^\ufeff/, ""), "utf8");
}

function utf16Order([first, second]: Buffer): "little" | "big" | null {
  if (second === undefined) return null;
  if (first === 0xff && second === 0xfe) return "little";
  if (first === 0xfe && second === 0xff) return "big";
  if (first === 0 && second !== 0) return "big";
  return first !== 0 && second === 0 ? "little" : null;
}
