/** Only one process at a time trains in a folder: two would overwrite each other's checkpoints. */

import { linkSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beginBuild, endBuild, formatOwner, isGone, parseOwner } from "../../data/node/build-owner.ts";
import { errorCode } from "../../data/node/fs-error.ts";
import { makeFolder } from "../../data/node/make-folder.ts";
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import { cannotWrite } from "./write-file.ts";

const FILE = "running";

/**
 * Refuses a folder in which another process trains. A lock of a process that has ended does not count.
 * Neither does one of another machine or container, because its end cannot be seen from here: a run that was
 * killed there could otherwise never be resumed here.
 *
 * @throws AfterimageError `train/run-folder` while a process of this machine trains in `folder`, and for a
 * file in the lock's place that was not written by a run.
 */
export function requireIdle(folder: string): void {
  const path = join(folder, FILE);
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) throw notOurs(folder);
  requireGone(folder, readText(path));
}

/**
 * Locks `folder` for this process until the returned function is called.
 *
 * @throws AfterimageError as {@link requireIdle}; `export/write` when the system refuses.
 */
export function holdRun(folder: string): () => void {
  requireIdle(folder);
  const owner = beginBuild();
  const path = join(folder, FILE);
  try {
    makeFolder(folder);
    while (!tryHold(folder, formatOwner(owner)));
    removeLeftovers(folder);
  } catch (cause) {
    endBuild(owner);
    throw cannotWrite(path, cause);
  }
  return () => {
    if (readText(path) === formatOwner(owner)) rmSync(path, { force: true });
    endBuild(owner);
  };
}

/**
 * Makes the lock if there is none. If it finds the lock of a process that has ended, it removes that and
 * returns false.
 */
function tryHold(folder: string, owner: string): boolean {
  const path = join(folder, FILE);
  if (makeWhole(path, owner)) return true;
  const found = readText(path);
  requireGone(folder, found);
  takeAway(folder, found, `${path}.${owner}`);
  return false;
}

/** Makes a file that has its content from the first moment on; returns false if the file exists already. */
function makeWhole(path: string, content: string): boolean {
  const beside = `${path}.${content}`;
  writeFileSync(beside, content);
  try {
    linkSync(beside, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    return makeWithoutLinks(path, content);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** For file systems without links: the file is empty for a moment. */
function makeWithoutLinks(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Several processes may find the same old lock; only one of them moves it. If it has become a new lock by
 * then, it is moved back.
 */
function takeAway(folder: string, found: string, aside: string): void {
  const path = join(folder, FILE);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return; // another process has moved it
    throw error;
  }
  const moved = readText(aside);
  if (moved !== found) makeWhole(path, moved);
  rmSync(aside, { force: true });
  requireGone(folder, moved);
}

/** Removes files of processes that were killed while they made or took the lock. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = name.startsWith(`${FILE}.`) ? parseOwner(name.slice(FILE.length + 1)) : null;
    if (owner !== null && isGone(owner)) rmSync(join(folder, name), { force: true });
  }
}

function requireGone(folder: string, text: string): void {
  if (text === "") return; // none, or one that a crash left empty
  const owner = parseOwner(text);
  if (owner === null) throw notOurs(folder);
  if (isGone(owner) === false) throw underWay(folder, owner.process);
}

function underWay(folder: string, tag: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "another process is training in this folder",
    where: folder,
    got: `process ${tag.replace(/-.*/, "")}`,
    todo: `Wait for its end, stop it, or choose another folder with ${optionName("out")}.`,
  });
}

function notOurs(folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "a run keeps its lock in a file of this name, and another file has it",
    where: join(folder, FILE),
    todo: `Move it out of ${folder}, or choose another folder with ${optionName("out")}.`,
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
