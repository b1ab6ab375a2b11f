import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AfterimageError } from "../../errors.ts";
import { listFolder } from "./list-folder.ts";
import { listingNotes, missingLabels } from "./listing.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "afterimage-list-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Makes files of one byte, with their folders. */
function files(...names: (string | Buffer)[]): void {
  for (const name of names) {
    if (typeof name === "string") mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]), "x");
  }
}

const names = async (folder = root) => (await listFolder(folder)).pictures.map(({ name }) => name);

describe("listFolder", () => {
  test("finds every kind of picture, nested, in any case, sorted by bytes", async () => {
    files("b.JPG", "a/z.png", "a.webp", "a/é.avif", "a/deep/er/x.Tiff", "Z.gif", "s.svg", "t.tif", "j.jpeg");
    expect(await names()).toEqual([
      ...["Z.gif", "a.webp", "a/deep/er/x.Tiff", "a/z.png", "a/é.avif", "b.JPG", "j.jpeg", "s.svg", "t.tif"],
    ]);
  });

  test("passes over other files and hidden ones", async () => {
    files("a.png", "notes.txt", ".hidden.png", ".git/b.png", "png", "a.png.bak");
    expect(await names()).toEqual(["a.png"]);
  });

  test("keeps names with blanks, quotes, newlines and bytes that are not UTF-8", async () => {
    files("a b.png", 'it\'s "so".png', "two\nlines.png", Buffer.from("raw\xff.png", "latin1"));
    const listing = await listFolder(root);
    expect(listing.pictures.map(({ name }) => name)).toEqual([
      "a b.png",
      'it\'s "so".png',
      "raw\\xff.png",
      "two\nlines.png",
    ]);
    expect(listing.pictures.every(({ size }) => size === 1)).toBe(true);
  });

  test("tells size, time and the first folder level of each", async () => {
    files("top.png", "cats/a.png", "cats/tabby/b.png");
    utimesSync(join(root, "top.png"), 1000, 1000.5);
    const { pictures } = await listFolder(root);
    expect(pictures.map(({ name, label }) => [name, label])).toEqual([
      ["cats/a.png", "cats"],
      ["cats/tabby/b.png", "cats"],
      ["top.png", null],
    ]);
    expect(pictures[2]).toMatchObject({ size: 1, mtimeMs: 1_000_500 });
  });

  test("follows links to files and folders, and links that go in circles once", async () => {
    files("real/a.png");
    mkdirSync(join(root, "other"));
    writeFileSync(join(root, "other/b.png"), "x");
    symlinkSync(root, join(root, "real/up"));
    symlinkSync(".", join(root, "self"));
    symlinkSync("real/a.png", join(root, "c.png"));
    symlinkSync("loop2.png", join(root, "loop1.png"));
    symlinkSync("loop1.png", join(root, "loop2.png"));
    const { pictures, skipped } = await listFolder(root);
    expect(pictures.map(({ name }) => name)).toEqual(["c.png", "other/b.png", "real/a.png"]);
    expect(skipped).toEqual([
      { path: "loop1.png", reason: "a loop of links" },
      { path: "loop2.png", reason: "a loop of links" },
    ]);
  });

  test("counts files of other kinds by their endings", async () => {
    files("a.png", "b.HEIC", "sub/c.heic", "sub/d.bmp", "LICENSE");
    const listing = await listFolder(root);
    expect(Object.fromEntries(listing.others!)).toEqual({ ".heic": 2, ".bmp": 1, "": 1 });
    expect(listingNotes(listing)).toEqual([
      "ignored 4 other files (2 .heic, 1 without extension, 1 .bmp): not a supported kind of picture; `allFiles` recognises pictures by their content",
    ]);
  });

  test("finds pictures by their first bytes where it is told to look into all files", async () => {
    const starts = {
      ...{
        jpeg: "\xff\xd8\xff\xe0",
        png: "\x89PNG\r\n\x1a\n",
        gif: "GIF89a",
        tiff: "MM\0*",
        webp: "RIFF\0\0\0\0WEBP",
      },
      ...{ avif: "\0\0\0\x1cftypavif", other: "\0\0\0\x20ftypmif1\0\0\0\0mif1avif" },
      ...{ svg: '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a < b -->\n<svg xmlns="">', "svg.txt": "<svg>" },
    };
    for (const [name, start] of Object.entries(starts))
      writeFileSync(join(root, name), Buffer.from(start, "latin1"));
    files("named.png", "text", "none.html");
    writeFileSync(join(root, "none.html"), "<!doctype html><html><svg>");
    writeFileSync(join(root, "heic"), Buffer.from("\0\0\0\x20ftypheic\0\0\0\0mif1heic", "latin1"));
    writeFileSync(join(root, "empty"), "");
    expect(await names()).toEqual(["named.png"]);
    const { pictures } = await listFolder(root, { allFiles: true });
    expect(pictures.map(({ name }) => name)).toEqual([...Object.keys(starts), "named.png"].sort());
  });

  test("passes over the folders of runs, and says so, but not over others with such files", async () => {
    files(
      "a/1.png",
      "a/checkpoints/2.png",
      "runs/x/reconstructions.png",
      "runs/x/checkpoints/step",
      "b/3.png",
    );
    writeFileSync(join(root, "a/config.json"), '{"version": 1}');
    const config = {
      version: 1,
      method: { name: "mae" },
      backbone: { name: "vit" },
      data: { fingerprint: "f" },
    };
    writeFileSync(join(root, "runs/x/config.json"), JSON.stringify(config));
    const { pictures, notes } = await listFolder(root);
    expect(pictures.map(({ name }) => name)).toEqual(["a/1.png", "a/checkpoints/2.png", "b/3.png"]);
    expect(notes).toEqual(["ignored a run folder: runs/x"]);
    expect(await names(join(root, "runs/x"))).toEqual(["reconstructions.png"]);
  });

  test("names the picture for which the others' labels are not used", async () => {
    files("a/1.png", "a/2.png", "stray.png");
    expect(missingLabels(await listFolder(root))).toBe("1 of 3 pictures has no label: stray.png");
    rmSync(join(root, "stray.png"));
    expect(missingLabels(await listFolder(root))).toBeNull();
  });

  test("gives a folder its own place rather than that of a link to it", async () => {
    files("z/a.png");
    symlinkSync("z", join(root, "a-link"));
    expect(await names()).toEqual(["z/a.png"]);
  });

  test("follows a link that leads out of the folder", async () => {
    const outside = mkdtempSync(join(tmpdir(), "afterimage-outside-"));
    try {
      writeFileSync(join(outside, "far.png"), "x");
      symlinkSync(outside, join(root, "link"));
      expect(await names()).toEqual(["link/far.png"]);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test("lists a link to nothing and a folder named like a picture as what they are", async () => {
    files("a.png", "folder.png/b.png");
    symlinkSync("nowhere.png", join(root, "broken.png"));
    const { pictures, skipped } = await listFolder(root);
    expect(pictures.map(({ name }) => name)).toEqual(["a.png", "folder.png/b.png"]);
    expect(skipped).toEqual([{ path: "broken.png", reason: "not found" }]);
  });

  test("lists a sub-folder whose path is too long for the system, and goes on", async () => {
    files("a.png");
    const step = "d".repeat(250);
    let depth = root;
    while (depth.length < 3900) depth = join(depth, step);
    mkdirSync(depth, { recursive: true });
    writeFileSync(join(depth, "deep.png"), "x"); // a path of about 4,000 characters
    const { pictures } = await listFolder(root);
    expect(pictures.map(({ path }) => path.length > 3900)).toEqual([false, true]);
  });

  test("stops when told to", async () => {
    files("a/b.png");
    await expect(listFolder(root, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
  });

  test("lists thousands of files in the order of their bytes", async () => {
    for (let i = 0; i < 3000; i++) writeFileSync(join(root, `p${i}.jpg`), "");
    const listed = await names();
    expect(listed).toHaveLength(3000);
    expect(listed.slice(0, 3)).toEqual(["p0.jpg", "p1.jpg", "p10.jpg"]);
  });

  test.each([
    ["data/missing", "a folder that is not there", () => join(root, "nowhere")],
    ["data/empty", "an empty folder", () => root],
  ])("throws %s for %s", async (code, _, folder) => {
    const error = await listFolder(folder()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AfterimageError);
    expect((error as AfterimageError).code).toBe(code);
    expect((error as AfterimageError).evidence.where).toBe(folder());
  });

  test("says what it passed over when there is no picture", async () => {
    files("a.txt", "b.pdf");
    await expect(listFolder(root)).rejects.toThrow(/2 other files.*Add `allFiles`/);
    symlinkSync("gone.png", join(root, "c.png"));
    await expect(listFolder(root)).rejects.toThrow(/c\.png: not found/);
  });
});
