import { describe, expect, it } from "vitest";
import { resumeWords } from "./resume-words.ts";

describe("resumeWords", () => {
  it.each([
    ["pretrain photos --resume", "pretrain photos --resume="],
    ["pretrain --resume photos", "pretrain --resume= photos"],
    ["pretrain --resume auto photos", "pretrain --resume=auto photos"],
    ["pretrain photos --resume auto", "pretrain photos --resume=auto"],
    ["pretrain photos --resume=auto", "pretrain photos --resume=auto"],
    ["pretrain auto --resume", "pretrain auto --resume="],
    ["pretrain --resume ./auto", "pretrain --resume= ./auto"],
    ["pretrain --resume --out auto photos", "pretrain --resume= --out auto photos"],
    ["pretrain --resume auto auto", "pretrain --resume=auto auto"],
    ["pretrain --resume -- auto", "pretrain --resume= -- auto"],
    ["pretrain -- --resume auto", "pretrain -- --resume auto"],
  ])("reads %s as %s", (given, read) => {
    expect(resumeWords(given.split(" "))).toEqual(read.split(" "));
  });
});
