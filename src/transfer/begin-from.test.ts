import { describe, expect, it } from "vitest";
import type { Values } from "../train/values.ts";
import { beginFrom, setBoth } from "./begin-from.ts";

const network = (): Values =>
  new Map(
    ["backbone.conv1.weight", "head.0.linear.weight", "classifier.bias"].flatMap((path) => [
      [path, new Float32Array(2)] as const,
      [`teacher.${path}`, new Float32Array(2)] as const,
    ]),
  );
const encoder = new Map([["conv1.weight", Float32Array.of(1, 2)]]);
const head = new Map([["head.0.linear.weight", Float32Array.of(3, 4)]]);

describe("beginFrom", () => {
  it("sets the network and its average, and leaves the classifier alone", () => {
    const values = network();
    beginFrom({ values }, { encoder, head });
    expect(Object.fromEntries(values)).toEqual({
      "backbone.conv1.weight": Float32Array.of(1, 2),
      "teacher.backbone.conv1.weight": Float32Array.of(1, 2),
      "head.0.linear.weight": Float32Array.of(3, 4),
      "teacher.head.0.linear.weight": Float32Array.of(3, 4),
      "classifier.bias": new Float32Array(2),
      "teacher.classifier.bias": new Float32Array(2),
    });
  });

  it("copies: training does not change the given network", () => {
    const values = network();
    beginFrom({ values }, { encoder, head });
    values.get("backbone.conv1.weight")![0] = 9;
    expect(encoder.get("conv1.weight")).toEqual(Float32Array.of(1, 2));
    expect(values.get("teacher.backbone.conv1.weight")).toEqual(Float32Array.of(1, 2));
  });

  it.each([
    ["lacks a value of the encoder", new Map(), head, "backbone.conv1.weight"],
    ["lacks a value of the head", encoder, new Map(), "head.0.linear.weight"],
    ["has a value more", new Map([...encoder, ["fc.bias", new Float32Array(2)]]), head, "backbone.fc.bias"],
    ["has another length", new Map([["conv1.weight", new Float32Array(3)]]), head, "backbone.conv1.weight"],
  ])("refuses a network that %s, by its path", (_name, own, kept, where) => {
    const error = expect.objectContaining({ code: "train/network", message: expect.stringContaining(where) });
    expect(() => beginFrom({ values: network() }, { encoder: own, head: kept })).toThrow(error);
  });
});

it("setBoth needs a place in the average", () => {
  const values: Values = new Map([["classifier.bias", new Float32Array(2)]]);
  expect(() => setBoth(values, "classifier.bias", new Float32Array(2))).toThrow("teacher.classifier.bias");
});
