import { constants } from "node:buffer";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { AfterimageError } from "../../errors.ts";
import { cannotRead } from "./fs-error.ts";

/** The limit for unpacking a gzipped file: the largest set of the MNIST family has 0.6 GB. */
const MAX_UNPACKED = Math.min(4 * 2 ** 30, constants.MAX_LENGTH);

/**
 * Reads a whole file, and unpacks it if its contents are gzipped, whatever its name.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable`; `data/format` for gzip data that are broken, cut
 * short, or unpack to more than 4 GiB.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw cannotRead("the file", path, error);
  });
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(bytes, path) : bytes;
}

async function unpack(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new AfterimageError(
      "data/format",
      { what: "a gzipped file cannot be unpacked", where: path, got },
      { cause },
    );
  }
}

/** Runs a reader of bytes. The path is added to its errors. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AfterimageError) || error.evidence.where !== undefined) throw error;
    throw new AfterimageError(error.code, { ...error.evidence, where: path }, { cause: error });
  }
}
