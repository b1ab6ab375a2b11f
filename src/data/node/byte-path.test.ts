import { describe, expect, test } from "vitest";
import { type BytePath, bytePath, comparePaths, displayPath, forFs, joinPath } from "./byte-path.ts";

describe("byte paths", () => {
  test("keep text and bytes through both directions", () => {
    const path = bytePath("ordner/größe 🙂.png");
    expect(forFs(path)).toEqual(Buffer.from("ordner/größe 🙂.png", "utf8"));
    expect(displayPath(path)).toBe("ordner/größe 🙂.png");
  });

  test("show bytes that are not UTF-8 as escapes, and keep them", () => {
    const path = "a\xff\xfe b.jpg" as BytePath;
    expect(displayPath(path)).toBe("a\\xff\\xfe b.jpg");
    expect(forFs(path)).toEqual(Buffer.from([0x61, 0xff, 0xfe, 0x20, 0x62, 0x2e, 0x6a, 0x70, 0x67]));
  });

  test("sort by bytes, not by locale or UTF-16", () => {
    const sorted = ["é", "z", "Z", "🙂", "\uffff", "a"].map(bytePath).sort(comparePaths).map(displayPath);
    expect(sorted).toEqual(["Z", "a", "z", "é", "\uffff", "🙂"]);
  });

  test("join with one stroke, and with none to an empty folder", () => {
    expect(joinPath(bytePath("/a"), "b")).toBe("/a/b");
    expect(joinPath(bytePath("/"), "b")).toBe("/b");
    expect(joinPath(bytePath(""), "b")).toBe("b");
  });
});
