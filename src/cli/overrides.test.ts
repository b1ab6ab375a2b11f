import { describe, expect, it } from "vitest";
import { type Overrides, readAssignment, requireKnownKeys } from "./overrides.ts";

const read = (...given: string[]) =>
  given.reduce((before: Overrides, one) => readAssignment(one, before), { settings: {}, training: {} });

describe("readAssignment", () => {
  it("tells settings of the method from those of the training, and reads JSON where it is JSON", () => {
    expect(
      read("temperature=0.1", "cropScale=[0.2, 1]", "projectionWidth=null", "training.optimizer=adamw"),
    ).toEqual({
      settings: { temperature: 0.1, cropScale: [0.2, 1], projectionWidth: null },
      training: { optimizer: "adamw" },
    });
  });

  it("keeps the last of two values", () => {
    expect(read("temperature=0.1", "temperature=0.2").settings).toEqual({ temperature: 0.2 });
  });

  it.each(["temperature", "=3", "temperature="])("refuses %j", (given) => {
    expect(() => read(given)).toThrow(/key=value/);
  });
});

describe("requireKnownKeys", () => {
  it("names the wrong key, where it stands and the nearest right one", () => {
    expect(() => requireKnownKeys({ epocs: 3 }, ["epochs", "seed"], "c.json")).toThrow(
      /"epocs" is not known \(c\.json\).*Did you mean epochs\?/,
    );
  });
});
