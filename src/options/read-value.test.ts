import { describe, expect, it } from "vitest";
import * as z from "zod";
import { needed } from "./option-facts.ts";
import { readValue } from "./read-value.ts";

const option = (schema: z.ZodType) => needed(schema, { description: "an option" });

describe("readValue", () => {
  it.each([
    [z.int().min(1), 12],
    [z.number().positive(), 0.001],
    [z.number().min(0).lt(1), 0],
    [z.enum(["cifar", "imagenet"]), "cifar"],
    [z.array(z.enum(["knn", "linear"])).min(1), ["linear", "knn"]],
  ])("takes the values of the schema", (schema, value) => {
    expect(readValue(option(schema), value, "x")).toBe(value);
  });

  it.each([
    [z.int().min(1), 0, /a whole number, 1 or more; got 0/],
    [z.int().min(1), 1.5, /whole number/],
    [z.int().min(17).max(21), 22, /a whole number from 17 to 21; got 22/],
    [z.number().positive().lt(1), 1, /a number above 0 and below 1; got 1/],
    [z.number().min(0), Number.POSITIVE_INFINITY, /a number 0 or more; got Infinity/],
    [z.enum(["cifar", "imagenet"]), "cfar", /one of cifar, imagenet; got "cfar"\. Did you mean cifar\?/],
    [z.array(z.enum(["knn", "linear"])), ["knn", "liner"], /some of knn, linear;.* Did you mean linear\?/],
    [z.string().min(1), "", /not empty/],
    [z.int().min(1), "12", /got "12"/],
    [z.boolean(), "no", /true or false; got "no"/],
    [z.boolean(), () => {}, /true or false; got function/],
  ])("says what %o takes, and that it got %o", (schema, value, message) => {
    expect(() => readValue(option(schema), value, "c.json, x")).toThrow(message);
    expect(() => readValue(option(schema), value, "c.json, x")).toThrow("(c.json, x)");
  });
});
