import { expect, test } from "vitest";
import type { Values } from "../train/values.ts";
import { giveTeacher } from "./give-teacher.ts";

const values = (): Values =>
  new Map([
    ["classifier.bias", Float32Array.of(1)],
    ["teacher.classifier.bias", Float32Array.of(2)],
    ["given.classifier.bias", Float32Array.of(3)],
    ["given.classifier.weight", Float32Array.of(4, 5)],
  ]);

test("only the given network gets the teacher's values, as copies", () => {
  const trainer = { values: values() };
  const weight = Float32Array.of(8, 9);
  giveTeacher(
    trainer,
    new Map([
      ["classifier.bias", Float32Array.of(7)],
      ["classifier.weight", weight],
    ]),
  );
  expect([...trainer.values]).toEqual([
    ["classifier.bias", Float32Array.of(1)],
    ["teacher.classifier.bias", Float32Array.of(2)],
    ["given.classifier.bias", Float32Array.of(7)],
    ["given.classifier.weight", weight],
  ]);
  expect(trainer.values.get("given.classifier.weight")).not.toBe(weight);
});

test("a value that is missing or has another length is refused by name", () => {
  const bias = ["classifier.bias", Float32Array.of(7)] as const;
  expect(() => giveTeacher({ values: values() }, new Map([bias]))).toThrow(
    /does not fit .*classifier\.weight.*expected 2 numbers; got none/,
  );
  const weight = ["classifier.weight", new Float32Array(3)] as const;
  expect(() => giveTeacher({ values: values() }, new Map([bias, weight]))).toThrow(
    /expected 2 numbers; got 3/,
  );
});
