import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { drawEmoji, sharedNames } from "../../demo/emoji.ts";
import { emojiFile, matchArtists, writeEmojiFolder } from "../../demo/emoji-folder.ts";
import { ARTISTS, type EmojiIcon, listEmoji } from "../../demo/emoji-icons.ts";

const icon = (body: string, other: Partial<EmojiIcon> = {}): EmojiIcon => ({
  artist: "noto",
  name: "sign",
  category: "Symbols",
  body,
  width: 8,
  height: 8,
  ...other,
});

describe("the list of emoji", async () => {
  const { icons, dropped } = await listEmoji();

  test("has about 5,000 drawings; more than 1,500 names are those of every artist", () => {
    expect(icons.length).toBeGreaterThan(5000);
    expect(sharedNames(icons).names.length).toBeGreaterThan(1500);
    for (const artist of ARTISTS) expect(dropped[artist].skinTones).toBeGreaterThan(1500);
  });

  test("has no name and no drawing of an artist twice", () => {
    for (const artist of ARTISTS) {
      const own = icons.filter((one) => one.artist === artist);
      expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
      expect(new Set(own.map(({ body }) => body)).size).toBe(own.length);
    }
  });

  test("has no skin tones, in either notation", () => {
    const names = icons.map(({ name }) => name);
    expect(names.filter((name) => /skin-tone|tone[1-5]$/.test(name))).toEqual([]);
    expect(names.filter((name) => /^waving-hand/.test(name))).toEqual(Array(3).fill("waving-hand"));
    // "light" does not always mean a skin tone.
    expect(names).toContain("police-car-light");
  });

  test("matches drawings that artists name differently", () => {
    const { names } = sharedNames(icons);
    expect(names).toEqual(expect.arrayContaining(["elf", "red-apple", "phoenix", "woman-zombie"]));
    expect(icons.map(({ name }) => name)).not.toContain("person-elf");
  });

  test("keeps the plainest name of a drawing with several names", () => {
    const flags = icons.filter(({ name }) => /^flag-(norway|svalbard-and-jan-mayen)$/.test(name));
    expect(flags.map(({ artist, name }) => `${artist}/${name}`)).toEqual(["twemoji/flag-norway"]);
  });

  test("puts every drawing into one of nine categories", () => {
    expect(new Set(icons.map(({ category }) => category)).size).toBe(9);
    expect(icons.find(({ name }) => name === "red-apple")?.category).toBe("Food & Drink");
  });
});

describe("drawing", () => {
  test("is planar, on white, with a mask of the covered pixels", async () => {
    const half = icon(`<path fill="#ff8000" d="M0 0h4v8h-4z"/>`);
    const { pictures, masks } = await drawEmoji([half], { size: 8, masks: true });
    const row = (channel: number) => [...pictures.subarray(channel * 64 + 24, channel * 64 + 32)];
    expect(row(0)).toEqual(Array(8).fill(255));
    expect(row(1)).toEqual([128, 128, 128, 128, 255, 255, 255, 255]);
    expect(row(2)).toEqual([0, 0, 0, 0, 255, 255, 255, 255]);
    expect([...masks.subarray(24, 32)]).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
  });

  test("shows white through half-transparent parts", async () => {
    const { pictures } = await drawEmoji([icon(`<path fill-opacity=".5" d="M0 0h8v8h-8z"/>`)], { size: 8 });
    for (const value of pictures) expect(Math.abs(value - 127.5)).toBeLessThan(1);
  });

  test("centres a drawing that is not square", async () => {
    const flat = icon(`<path d="M0 0h8v4h-8z"/>`, { height: 4 });
    const { masks } = await drawEmoji([flat], { size: 8, masks: true });
    const column = Array.from({ length: 8 }, (_, y) => masks[y * 8 + 3]);
    expect(column).toEqual([0, 0, 255, 255, 255, 255, 0, 0]);
  });

  test("keeps the given order and reports progress", async () => {
    const greys = [0, 50, 100, 150, 200].map((v) =>
      icon(`<path fill="rgb(${v},${v},${v})" d="M0 0h8v8h-8z"/>`),
    );
    const steps: number[] = [];
    const { pictures } = await drawEmoji(greys, { size: 4, onProgress: (done) => steps.push(done) });
    expect(greys.map((_, n) => pictures[n * 48])).toEqual([0, 50, 100, 150, 200]);
    expect(steps).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("the folder of emoji", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), "emoji-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));
  const icons = ARTISTS.flatMap((artist) =>
    ["one", "two"].map((name, i) =>
      icon(`<circle cx="4" cy="4" r="${2 + i}" fill="#1188cc"/>`, { artist, name }),
    ),
  );

  test("contains the drawn pictures", async () => {
    const folder = path.join(home, "a", "emoji");
    const { counts, written } = await writeEmojiFolder(folder, { size: 16, icons });
    expect(written).toBe(true);
    expect(counts).toEqual({ noto: 2, twemoji: 2, "fluent-emoji-flat": 2 });
    const file = sharp(path.join(folder, "symbols", "twemoji", "two.png"));
    const { data, info } = await file.raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 16, height: 16, channels: 3 });
    const { pictures } = await drawEmoji([icons[3]!], { size: 16 });
    for (let i = 0; i < 256; i++)
      for (let c = 0; c < 3; c++) expect(Math.abs(data[3 * i + c]! - pictures[c * 256 + i]!)).toBeLessThan(2);
  });

  test("has the categories as its first level", () => {
    const apple = icon("", { artist: "twemoji", name: "red-apple", category: "Food & Drink" });
    expect(emojiFile(apple)).toBe("food-drink/twemoji/red-apple.png");
  });

  test("is reused if it is complete, and made again if not", async () => {
    const folder = path.join(home, "emoji");
    await writeEmojiFolder(folder, { size: 8, icons });
    expect((await writeEmojiFolder(folder, { size: 8, icons })).written).toBe(false);
    await rm(path.join(folder, "symbols", "noto", "one.png"));
    expect((await writeEmojiFolder(folder, { size: 8, icons })).written).toBe(true);
    expect((await writeEmojiFolder(folder, { size: 9, icons })).written).toBe(true);
    expect((await sharp(path.join(folder, "symbols", "noto", "one.png")).metadata()).width).toBe(9);
  });

  test("never replaces a folder that it did not make", async () => {
    const folder = path.join(home, "holiday");
    await mkdir(folder);
    await writeFile(path.join(folder, "beach.jpg"), "");
    await expect(writeEmojiFolder(folder, { size: 8, icons })).rejects.toMatchObject({ code: "usage/value" });
    expect(await readdir(folder)).toEqual(["beach.jpg"]);
  });

  test("does not exist if drawing fails", async () => {
    const broken = [...icons, icon("<path", { name: "broken" })];
    await expect(writeEmojiFolder(path.join(home, "emoji"), { size: 8, icons: broken })).rejects.toThrow();
    expect(await readdir(home)).toEqual([]);
  });

  test("is matched by file name, in any order and with any slashes", () => {
    const files = [
      "twemoji/b.png",
      "fluent-emoji-flat\\b.png",
      "noto/only-here.png",
      "x/noto/b.png",
      "noto/a.png",
      "twemoji/a.png",
      "fluent-emoji-flat/a.png",
    ];
    expect(matchArtists(files)).toEqual({
      names: ["a", "b"],
      rows: { noto: [4, 3], twemoji: [5, 0], "fluent-emoji-flat": [6, 1] },
    });
  });
});
