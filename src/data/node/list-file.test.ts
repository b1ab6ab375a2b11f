import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anyBytes, damaged, valueOrOurs } from "../../../test/support/damaged.ts";
import { collectClasses } from "./classes.ts";
import { listFile } from "./list-file.ts";

let root: string;
let list: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "afterimage-listfile-"));
  list = join(root, "list.txt");
  mkdirSync(join(root, "sub"));
  for (const name of ["a.png", "b.png", "sub/c"]) writeFileSync(join(root, name), "x");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (content: string | Uint8Array) => {
  writeFileSync(list, content);
  return listFile(list);
};

describe("listFile", () => {
  test("keeps the list's order and repeats, and takes a path relative to the list or absolute", async () => {
    const { pictures } = await read(`sub/c\nb.png\n${join(root, "a.png")}\nb.png\n`);
    expect(pictures.map(({ name }) => name)).toEqual(["sub/c", "b.png", join(root, "a.png"), "b.png"]);
    expect(pictures.map(({ path }) => path)).toEqual(
      ["sub/c", "b.png", "a.png", "b.png"].map((name) => join(root, name)),
    );
  });

  test("takes labels after a tab, Windows line ends, a byte order mark and empty lines", async () => {
    const { pictures } = await read("\ufeffa.png\tcat\r\n\r\nb.png\tgroßer hund\r\nsub/c");
    expect(pictures.map(({ name, label }) => [name, label])).toEqual([
      ["a.png", "cat"],
      ["b.png", "großer hund"],
      ["sub/c", null],
    ]);
  });

  test("keeps names that are not UTF-8", async () => {
    writeFileSync(Buffer.from(`${root}/raw\xff.png`, "latin1"), "x");
    const { pictures } = await read(Buffer.from("raw\xff.png\n", "latin1"));
    expect(pictures.map(({ name, size }) => [name, size])).toEqual([["raw\\xff.png", 1]]);
  });

  test("lists what is not there or no file", async () => {
    const { pictures, skipped } = await read("a.png\ngone.png\nsub\n");
    expect(pictures).toHaveLength(1);
    expect(skipped).toEqual([
      { path: "gone.png", reason: "not found" },
      { path: "sub", reason: "not a regular file" },
    ]);
  });

  test("takes any bytes for a list, or refuses it in a sentence", async () => {
    const sample = Buffer.from("a.png\tred\nb.png\tblue\nsub/c\t\0\n");
    const property = fc.asyncProperty(anyBytes(damaged(sample)), async (bytes) => {
      const listing = await valueOrOurs(() => read(bytes));
      for (const { size } of listing?.pictures ?? []) expect(size).toBe(1);
    });
    await fc.assert(property);
  });

  test("throws when the list is missing, empty, or names nothing that is there", async () => {
    await expect(listFile(join(root, "no.txt"))).rejects.toMatchObject({ code: "data/missing" });
    await expect(read("\n\n")).rejects.toMatchObject({ code: "data/empty" });
    await expect(read("x.png\ny.png\n")).rejects.toThrow(/2 lines.*x\.png: not found/);
  });
});

describe("collectClasses", () => {
  const classes = async (labels: string[], asked = true) =>
    collectClasses(
      await read(labels.map((label) => `a.png${label === "" ? "" : `\t${label}`}\n`).join("")),
      asked,
    );

  test("numbers classes in the order of their names", async () => {
    expect(await classes(["dog", "cat", "dog", "Ape"])).toEqual({
      names: ["Ape", "cat", "dog"],
      labels: [2, 1, 2, 0],
    });
  });

  test("sorts whole numbers by value", async () => {
    expect(await classes(["10", "9", "0", "-1"])).toEqual({
      names: ["-1", "0", "9", "10"],
      labels: [3, 2, 1, 0],
    });
  });

  test("gives none when some are missing, and throws when they were asked for", async () => {
    expect(await classes(["cat", ""], false)).toBeNull();
    await expect(classes(["cat", ""])).rejects.toThrow(/1 of 2 without.*a\.png/);
  });
});
