import { describe, expect, it } from "vitest";
import { textTable } from "./table.ts";

describe("textTable", () => {
  it("lays out more rows than a call takes arguments", () => {
    const rows = Array.from({ length: 200_000 }, () => ["a", "1"]);
    const text = textTable([["name", "count"], ...rows], { right: [1] });
    expect(text.startsWith("name  count\na         1\n")).toBe(true);
  });
});
