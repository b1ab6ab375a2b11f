import { describe, expect, it } from "vitest";
import { counted, formatCount, formatDuration, formatLoss, formatNumber, formatPercent } from "./format.ts";

describe("numbers for people", () => {
  it.each([
    [formatCount(1_234_567.4), "1,234,567"],
    [formatCount(999), "999"],
    [counted(1, "picture"), "1 picture"],
    [counted(1200, "class", "classes"), "1,200 classes"],
    [formatPercent(0.8125), "81.3 %"],
    [formatDuration(3.6), "4s"],
    [formatDuration(59.7), "1m 00s"],
    [formatDuration(3725), "1h 02m"],
    [formatDuration(100_000), "1d 03h"],
    [formatDuration(Number.POSITIVE_INFINITY), "?"],
    [formatLoss(3.21456), "3.215"],
    [formatLoss(0.05), "0.05"],
    [formatLoss(Number.NaN), "NaN"],
    [formatNumber(2.71938), "2.719"],
    [formatNumber(-12345.6), "-12346"],
    [formatNumber(1.41777, 3), "1.42"],
    [formatNumber(9999.96), "10000"],
  ])("reads %j", (text, expected) => {
    expect(text).toBe(expected);
  });
});
