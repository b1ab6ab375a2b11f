import { describe, expect, it } from "vitest";
import { visibleLine, visibleText } from "./visible-text.ts";

describe("text for a terminal", () => {
  it("shows escape codes instead of obeying them, and keeps its own lines", () => {
    expect(visibleText("a\x1b]0;title\x07b\n\tc\r")).toBe("a\\x1b]0;title\\x07b\n\tc\\x0d");
    expect(visibleText("\x9b31m \x7f \u202eexe.png\u2066")).toBe("\\x9b31m \\x7f \\u202eexe.png\\u2066");
  });

  it("keeps letters of all languages, and pictures", () => {
    expect(visibleText("größe 猫 🐈 ك")).toBe("größe 猫 🐈 ك");
  });

  it("is one line where it has to be", () => {
    expect(visibleLine("two\nlines\tand\x00")).toBe("two\\x0alines\\x09and\\x00");
  });
});
