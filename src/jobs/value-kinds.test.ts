import { describe, expect, it } from "vitest";
import { numberWithin, oneOf, readValue, someOf, text, wholeNumber, YES_OR_NO } from "./value-kinds.ts";

const read = (kind: Parameters<typeof readValue>[0], given: string) =>
  readValue(kind, kind.fromText(given), "--x", given);

describe("readValue", () => {
  it.each([
    [wholeNumber(1), "12", 12],
    [numberWithin({ above: 0 }), "1e-3", 0.001],
    [numberWithin({ least: 0, below: 1 }), "0", 0],
    [oneOf("name", ["cifar", "imagenet"]), "cifar", "cifar"],
    [someOf("names", ["knn", "linear"]), "linear, knn", ["linear", "knn"]],
  ])("reads %o from %j", (kind, given, value) => {
    expect(read(kind, given)).toEqual(value);
  });

  it.each([
    [wholeNumber(1), "0", /a whole number, 1 or more; got 0/],
    [wholeNumber(1), "1.5", /whole number/],
    [wholeNumber(1), "", /whole number/],
    [wholeNumber(1), "0x10", /whole number/],
    [numberWithin({ above: 0, below: 1 }), "1", /a number above 0 and below 1; got 1/],
    [numberWithin({ least: 0 }), "Infinity", /a number 0 or more/],
    [oneOf("name", ["cifar", "imagenet"]), "cfar", /Did you mean cifar\?/],
    [someOf("names", ["knn", "linear"]), "knn,liner", /Did you mean linear\?/],
    [text("file"), "", /not empty/],
  ])("refuses for %o the text %j", (kind, given, message) => {
    expect(() => read(kind, given)).toThrow(message);
  });

  it("takes no text for a number or a truth value in a file", () => {
    expect(() => readValue(wholeNumber(1), "12", "c.json, epochs")).toThrow(/c\.json, epochs.*got "12"/);
    expect(() => readValue(YES_OR_NO, "no", "c.json, labels")).toThrow(/true or false/);
  });
});
