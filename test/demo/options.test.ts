import { expect, test } from "vitest";
import { demoOptions, HELP, USAGE } from "../../demo/options.ts";
import { AfterimageError } from "../../src/errors.ts";

test("the demo's flags have defaults, and are read as numbers", () => {
  expect(demoOptions([])).toMatchObject({ minutes: 4.8, epochs: null, out: "demo/out", seed: 0 });
  expect(demoOptions(["--epochs", "3", "--threads", "1", "--minutes", "0.5"])).toMatchObject({
    epochs: 3,
    threads: 1,
    minutes: 0.5,
  });
});

test.each([
  ["--epochs", "1.5", "a whole number, 1 or more"],
  ["--epochs", "0", "a whole number, 1 or more"],
  ["--threads", "1.5", "a whole number, 1 or more"],
  ["--seed=-1", null, "a whole number, 0 or more"],
  ["--minutes", "0", "a number above 0"],
  ["--minutes", "", "a number above 0"],
  ["--minutes", "long", "a number above 0"],
])("%s %s is refused", (flag, value, expected) => {
  const call = () => demoOptions(value === null ? [flag] : [flag, value]);
  expect(call).toThrow(`expected ${expected}`);
  expect(call).toThrow(AfterimageError);
});

test("the refusal of an unknown flag shows the usage", () => {
  expect(() => demoOptions(["--epoch", "3"])).toThrow(USAGE);
});

test("--help and -h print help, which names every flag of the usage", () => {
  expect(demoOptions(["--help"])).toBeNull();
  expect(demoOptions(["-h"])).toBeNull();
  for (const [flag] of USAGE.matchAll(/--[a-z]+/g)) expect(HELP).toContain(`  ${flag}`);
});
