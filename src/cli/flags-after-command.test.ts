import { describe, expect, it } from "vitest";
import { flagsAfterCommand } from "./flags-after-command.ts";

describe("flagsAfterCommand", () => {
  it.each([
    ["--json --quiet pretrain x --epochs 3", "pretrain --json --quiet x --epochs 3"],
    ["pretrain x --json", "pretrain x --json"],
    ["--json --help", "--help --json"],
    ["--json", ""],
    ["", ""],
  ])("makes of %j %j", (given, made) => {
    const words = (text: string) => text.split(" ").filter((word) => word !== "");
    expect(flagsAfterCommand(words(given))).toEqual(words(made));
  });
});
