import { isUtf8 } from "node:buffer";

/**
 * A path as the file system has it: one character for each byte. It preserves names that are not UTF-8.
 * Comparing two such paths compares their bytes, so that their order is the same on every machine and in
 * every locale.
 */
export type BytePath = string & { readonly [brand]: true };
declare const brand: unique symbol;

/** The bytes of a path that a user wrote. */
export function bytePath(text: string): BytePath {
  return Buffer.from(text, "utf8").toString("latin1") as BytePath;
}

/** The form that `node:fs` takes. */
export function forFs(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

/** The path of a file in a folder. */
export function joinPath(folder: BytePath, name: string): BytePath {
  return (folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`) as BytePath;
}

/** The path without blanks around it. A byte of a letter beyond ASCII may look like a blank and is kept. */
export function trimPath(path: string): BytePath {
  return path.replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, "") as BytePath;
}

/**
 * For people: the path as text. In a path that is not UTF-8 the bytes beyond ASCII are written as `\\xff`.
 */
export function displayPath(path: BytePath): string {
  const bytes = forFs(path);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return path.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

/** Orders paths by their bytes. */
export function comparePaths(a: BytePath, b: BytePath): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
