import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { cannotRead } from "../../data/node/fs-error.ts";
import { AfterimageError } from "../../errors.ts";
import type { ByteSource } from "../../formats/index.ts";

/** A file that is read piece by piece, until it is closed. */
export interface FileBytes extends ByteSource {
  close(): void;
}

/** The system reads at most 2 GiB at once. */
const AT_ONCE = 2 ** 30;

/** @throws AfterimageError `data/missing` or `data/unreadable`; reading does too. */
export function openFileBytes(path: string): FileBytes {
  const file = attempt(path, () => openSync(path, "r"));
  const length = attempt(path, () => fstatSync(file).size);
  return {
    length,
    read: (begin, end) => attempt(path, () => readAll(file, path, { begin, end })),
    close: () => closeSync(file),
  };
}

function readAll(file: number, path: string, { begin, end }: { begin: number; end: number }): Uint8Array {
  const bytes = roomFor(end - begin, path);
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, Math.min(AT_ONCE, bytes.length - done), begin + done);
    if (count === 0) throw changed(path, end, begin + done);
    done += count;
  }
  return bytes;
}

function roomFor(count: number, path: string): Uint8Array {
  try {
    return new Uint8Array(count);
  } catch (cause) {
    const evidence = {
      what: "a part of this file does not fit into memory",
      where: path,
      got: `${count} bytes`,
    };
    throw new AfterimageError("data/unreadable", evidence, { cause });
  }
}

function changed(where: string, expected: number, got: number): AfterimageError {
  return new AfterimageError("data/unreadable", {
    what: "the file became shorter while it was read",
    where,
    expected: `${expected} bytes`,
    got: `${got}`,
  });
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof AfterimageError) throw cause;
    throw cannotRead("the file", path, cause);
  }
}
