import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anyBytes, damaged, valueOrOurs } from "../../../test/support/damaged.ts";
import type { LabelColumns } from "../written-labels.ts";
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

  const labels = async (content: string | Uint8Array) =>
    (await read(content)).pictures.map(({ name, label }) => [name, label]);
  const TWO = [
    ["a.png", "cat"],
    ["b.png", "dog"],
  ];

  test("takes an empty label for none, and leaves out blanks around labels and paths", async () => {
    expect(await labels("a.png\t\nb.png\t  \nsub/c\t dog \t\n  a.png \tcat\n")).toEqual([
      ["a.png", null],
      ["b.png", null],
      ["sub/c", "dog"],
      ["a.png", "cat"],
    ]);
  });

  test("keeps a name that has a blank at its end, or letters whose bytes look like blanks", async () => {
    for (const name of ["blank.png ", "à", "à\u00a0"]) writeFileSync(join(root, name), "x");
    expect(await labels("blank.png \tx\nà\ty\nà\u00a0\tz")).toEqual([
      ["blank.png ", "x"],
      ["à", "y"],
      ["à\u00a0", "z"],
    ]);
  });

  test.each([
    ["UTF-16 with its mark", Buffer.from("\ufeffa.png\tcat\r\nb.png\tdog\r\n", "utf16le")],
    ["UTF-16 of the other order", Buffer.from("\ufeffa.png\tcat\nb.png\tdog\n", "utf16le").swap16()],
    ["UTF-16 without a mark", Buffer.from("a.png\tcat\r\nb.png\tdog", "utf16le")],
    ["lines that end as on an old Mac", "a.png\tcat\rb.png\tdog\r"],
    ["commas and a header", "path,label\na.png,cat\nb.png,dog\n"],
    ["a header in another order and other columns", "id_,Class Name,File_Path\n1,cat,a.png\n2,dog,b.png\n"],
    ["quotes", '"path","label"\r\n"a.png","cat"\r\n"b.png","dog"\r\n'],
    ["semicolons", "a.png;cat\nb.png;dog\n"],
    ["blanks", "a.png cat\nb.png dog\n"],
    ["many blanks", "  a.png   cat  \nb.png dog\n"],
    ["empty further columns", "a.png\tcat\t\t\nb.png\tdog\n"],
  ])("reads %s", async (_, content) => {
    expect(await labels(content)).toEqual(TWO);
  });

  test("reads quoted fields with delimiters, quotes and line ends in them", async () => {
    for (const name of ["x, y.png", 'so "called".png', "two\nlines.png", '"q".png'])
      writeFileSync(join(root, name), "x");
    list = join(root, "list.csv");
    const content =
      '"x, y.png",1\n"so ""called"".png","2"\n"two\nlines.png",3\n"q".png,"a, ""b"""\ngone.png,4\n';
    expect(await labels(content)).toEqual([
      ["x, y.png", "1"],
      ['so "called".png', "2"],
      ["two\nlines.png", "3"],
      ['"q".png', 'a, "b"'],
    ]);
  });

  test("takes whole lines for paths where they are there", async () => {
    for (const name of ["photo 3", "one, two.png"]) writeFileSync(join(root, name), "x");
    expect(await labels("photo 3\none, two.png\n")).toEqual([
      ["photo 3", null],
      ["one, two.png", null],
    ]);
  });

  test("reads the lists of MXNet", async () => {
    list = join(root, "train.lst");
    expect(await labels("0\t3.000000\ta.png\n1\t0\tb.png\n")).toEqual([
      ["a.png", "3"],
      ["b.png", "0"],
    ]);
  });

  test("reads the columns of labels that are named, or that can be no others", async () => {
    const cells = async (text: string, labelColumns: LabelColumns) => {
      writeFileSync(list, text);
      const { columns, pictures } = await listFile(list, { labelColumns });
      return [columns, pictures.map(({ line, cells }) => [line, cells])];
    };
    const two = "path\tAge\tBody size\n\na.png\t 1 \t2\nb.png\t\tNA\n";
    expect(await cells(two, "any")).toEqual([
      ["Age", "Body size"],
      [
        [3, ["1", "2"]],
        [4, ["", "NA"]],
      ],
    ]);
    expect(await cells(two, ["body_size"])).toEqual([
      ["Body size"],
      [
        [3, ["2"]],
        [4, ["NA"]],
      ],
    ]);
    expect((await cells(two, "named"))[0]).toEqual([]);
    expect((await cells("path\tage\tclass\na.png\t1\tx\n", "any"))[0]).toEqual(["class"]);
    expect((await cells("index\tpath\tbreed\n1\ta.png\tx\n", "any"))[0]).toEqual(["breed"]);
    expect(await cells("a.png\tx\n", "any")).toEqual([[], [[1, ["x"]]]]);
    await expect(cells("path\tage\tbreed\na.png\t1\tx\n", "any")).rejects.toMatchObject({
      code: "usage/value",
    });
    await expect(cells(two, ["path"])).rejects.toThrow('no column of labels "path"');
  });

  test("reads parts from a column, and names columns that it does not use", async () => {
    const listing = await read(
      "path,label,split,width\na.png,cat,Train,3\nb.png,cat,valid,4\nsub/c,dog,test,4\n",
    );
    expect(listing.pictures.map(({ part }) => part)).toEqual(["train", "val", "test"]);
    expect(listing.notes).toEqual(["unused columns of the list: width"]);
  });

  test.each([
    [
      "a third column without a header",
      "a.png\tcat\nb.png\tdog\ttrain\n",
      /line 2.*third column, "train".*path, label/,
    ],
    [
      "a part of no known name",
      "path,split\na.png,train\nb.png,fold3\n",
      /line 3.*train, val or test.*"fold3"/,
    ],
    ["a third column after a field of two lines", '"x\ny",a\nb,c,d', /line 3/],
  ])("refuses %s", async (_, content, message) => {
    list = join(root, content.includes("\t") ? "list.tsv" : "list.csv");
    await expect(read(content)).rejects.toThrow(message);
  });

  test("says which line has no path", async () => {
    expect((await read("a.png\tcat\n\tdog\n")).skipped).toEqual([{ path: "line 2", reason: "no path" }]);
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
    await expect(classes(["cat", ""])).rejects.toThrow(/1 of 2 pictures without a label.*a\.png/);
  });
});
