import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { flagWords, pathWord, shellWords } from "./shell-words.ts";

describe("shellWords", () => {
  it("leaves plain words as they are", () => {
    expect(shellWords(["afterimage", "evaluate", "runs/a-b_1", "--k", "20"])).toBe(
      "afterimage evaluate runs/a-b_1 --k 20",
    );
  });

  it("comes back from a shell word for word", () => {
    const words = ["my pictures", "it's", "", "$HOME", "a\nb", '"', "*", "ü", "a;b", "=x"];
    words.push("\x1b]0;it's 50 %\x07 \\n", "two\nlines\t", "\u202egnp.exe", "猫\x9b");
    const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${shellWords(words)}`], { encoding: "utf8" });
    expect(printed.split("\0").slice(0, -1)).toEqual(words);
  });

  it("shows no control character, and keeps a word on its line", () => {
    expect(shellWords(["a\x1b[31m\nb"])).toBe(`"$(printf 'a\\033[31m\\012b')"`);
  });

  it("gives a path with a hyphen in front a form that is no flag", () => {
    expect([pathWord("-pictures"), pathWord("pictures/-a")]).toEqual(["./-pictures", "pictures/-a"]);
  });
});

describe("flagWords", () => {
  it("leaves out what is not said and gives no value to a bare flag", () => {
    expect(flagWords({ "--k": 20, "--seed": 0, "--threads": undefined, "--no-labels": true })).toEqual([
      "--k",
      "20",
      "--seed",
      "0",
      "--no-labels",
    ]);
  });
});
