import { describe, expect, it } from "vitest";
import { type NamedOption, optionName, optionValues, renameOptions } from "./option-name.ts";

/** The options that a message names, in order. */
function optionsIn(message: string): NamedOption[] {
  const found: NamedOption[] = [];
  renameOptions(message, (option) => {
    found.push(option);
    return "";
  });
  return found;
}

describe("an option in a message", () => {
  it("is between backticks, as a program writes it", () => {
    expect(`choose another ${optionName("out")}`).toBe("choose another `out`");
    expect(optionValues({ batchSize: 128, resume: "auto", labels: false })).toBe(
      '`batchSize: 128, resume: "auto", labels: false`',
    );
  });

  it.each(["out", "microBatch", "settings.temperature", "settings.cropScale[1]", "training.beta2"])(
    "is found again by its name: %s",
    (name) => {
      expect(optionsIn(`a value is out of range (${optionName(name)} /some/path)`)).toEqual([{ name }]);
    },
  );

  it("is found again with its value, with and without others", () => {
    const values = { microBatch: 64, "settings.viewScale": 0.5, resume: "auto", force: true, labels: false };
    const listed = Object.entries(values).map(([name, value]) => ({ name, value }));
    expect(optionsIn(`Use ${optionValues(values)}.`)).toEqual(listed);
    expect(optionsIn(`Use ${optionValues({ seed: -3 })} or ${optionName("out")}.`)).toEqual([
      { name: "seed", value: -3 },
      { name: "out" },
    ]);
  });

  it("is rewritten, and the rest of the message stays", () => {
    const message = `Give both: ${optionValues({ batchSize: 9, microBatch: 3 })}. \`a b\`, it's`;
    const shout = ({ name, value }: NamedOption) => `${name.toUpperCase()}=${value}`;
    expect(renameOptions(message, shout)).toBe("Give both: BATCHSIZE=9 MICROBATCH=3. `a b`, it's");
  });
});
