import { Command } from "commander";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { distillOptions } from "../jobs/distill-options.ts";
import { embedOptions } from "../jobs/embed-options.ts";
import { evaluateOptions } from "../jobs/evaluate-options.ts";
import { exportOptions } from "../jobs/export-options.ts";
import { finetuneOptions } from "../jobs/finetune-options.ts";
import { importOptions } from "../jobs/import-options.ts";
import { inspectOptions } from "../jobs/inspect-options.ts";
import { predictOptions } from "../jobs/predict-options.ts";
import { pretrainOptions } from "../jobs/pretrain-options.ts";
import { receptiveFieldOptions } from "../jobs/receptive-field-options.ts";
import { factsOf, isNeeded } from "../options/option-facts.ts";
import { typeOf } from "../options/rule-text.ts";
import { COMMANDS } from "./commands.ts";
import { flagsOf, flagText, isSwitch, optionsOf, wordsOf } from "./flags.ts";
import { addJob } from "./job-command.ts";

const SCHEMAS: Record<string, z.ZodObject> = {
  pretrain: pretrainOptions,
  import: importOptions,
  evaluate: evaluateOptions,
  embed: embedOptions,
  finetune: finetuneOptions,
  distill: distillOptions,
  predict: predictOptions,
  export: exportOptions,
  inspect: inspectOptions,
  "receptive-field": receptiveFieldOptions,
};

/** The command of a job; its options when it is called. */
function commandOf(name: string) {
  const calls: object[] = [];
  const command = new Command(name).exitOverride().configureOutput({ outputError: () => {} });
  for (const word of COMMANDS.find((entry) => entry.name === name)!.arguments) command.argument(word);
  addJob<object>(command, {
    schema: SCHEMAS[name]!,
    examples: "",
    run: async ({ options }) => {
      calls.push(options);
    },
  });
  const call = async (words: readonly string[]) => {
    await command.parseAsync([...words], { from: "user" });
    return calls.at(-1)!;
  };
  return { command, call };
}

/** Arguments and flags that the command needs to begin. */
function neededWords(name: string): string[] {
  const needed = flagsOf(SCHEMAS[name]!).filter(({ option }) => isNeeded(option));
  return [
    ...wordsOf(SCHEMAS[name]!).map((word) => `my-${word}`),
    ...needed.flatMap((flag) => [flagText(flag), "mine"]),
  ];
}

describe.each(Object.entries(SCHEMAS))("the command %s", (name, schema) => {
  const flags = flagsOf(schema);
  const help = commandOf(name).command.helpInformation();

  it("has every option of its job once in its help, or says why not", () => {
    const texts = flags.map(flagText);
    expect(new Set(texts).size).toBe(texts.length);
    for (const text of texts)
      expect(help.match(new RegExp(`^ {2}${text}\\b(?!-)`, "gm")), text).toHaveLength(1);
    const held = flags.filter(({ place }) => place.length > 1).map(({ place }) => place[0]);
    const reached = [...wordsOf(schema), ...flags.map(({ place }) => place[0])];
    for (const [option, one] of Object.entries(schema.shape)) {
      if (factsOf(one).shown === "never" && !held.includes(option)) expect(reached).not.toContain(option);
      else expect(reached).toContain(option);
    }
  });

  it("takes its words in the order of the list of commands", () => {
    const words = wordsOf(schema).map((word) => `<${factsOf(schema.shape[word]!).placeholder}>`);
    expect(COMMANDS.find((entry) => entry.name === name)!.arguments).toEqual(words);
  });

  it("gives the job what it needs, and nothing that was not asked for", async () => {
    const options = await commandOf(name).call(neededWords(name));
    const needed = Object.entries(schema.shape).filter(([, one]) => isNeeded(one));
    expect(Object.keys(options).sort()).toEqual(needed.map(([option]) => option).sort());
  });

  it("refuses a flag that no option has", async () => {
    const asked = commandOf(name).call([...neededWords(name), "--no-such-flag"]);
    await expect(asked).rejects.toThrow(/unknown option '--no-such-flag'/);
  });

  it("refuses values that an option does not take, naming the flag", async () => {
    for (const flag of flags.filter((one) => typeOf(one.option) !== "string" && !isSwitch(one))) {
      if (typeOf(flag.option) === undefined) continue; // pictures: any text is a path
      for (const wrong of ["much", "-3", ""]) {
        const asked = commandOf(name).call([...neededWords(name), `${flagText(flag)}=${wrong}`]);
        await expect(asked, flagText(flag)).rejects.toMatchObject({
          code: "usage/value",
          evidence: { where: flagText(flag), got: wrong || "nothing" },
        });
      }
    }
  });
});

describe("flags", () => {
  it("are options with hyphens, numbers as people write them, and lists with commas", async () => {
    const { call } = commandOf("pretrain");
    const words = "p --batch-size 12 --learning-rate 1e-3 --width .5 --no-labels --all-files --resume=".split(
      " ",
    );
    expect(await call(words)).toEqual({
      pictures: "p",
      batchSize: 12,
      training: { learningRate: 0.001 },
      backboneOptions: { widthMultiplier: 0.5 },
      labels: false,
      allFiles: true,
      resume: true,
    });
    const evaluated = await commandOf("evaluate").call(
      "r --data d --protocol".split(" ").concat("linear, knn"),
    );
    expect(evaluated).toEqual({ run: "r", data: "d", protocols: ["linear", "knn"] });
  });

  it.each([
    ["pretrain", "p --batch-size 0x10", /--batch-size\); expected a whole number, 2 or more; got 0x10/],
    ["pretrain", "p --batch-size 1.5", /whole number/],
    ["pretrain", "p --drop-path 1", /--drop-path\); expected a number 0 or more and below 1; got 1/],
    ["pretrain", "p --epochs Infinity", /--epochs\); expected a number above 0; got Infinity/],
    [
      "pretrain",
      "p --stem cfar",
      /--stem\); expected one of cifar, imagenet; got cfar\. Did you mean cifar\?/,
    ],
    ["pretrain", "p --background reddish", /auto, white, black, grey, or a colour as #rrggbb; got reddish/],
    ["pretrain", "p --resume=no", /--resume\); expected auto, or no value; got no/],
    [
      "evaluate",
      "r --data d --protocol knn,liner",
      /some of knn, linear, retrieval, clusters, semi, with commas between them; got knn,liner\. Did you mean linear\?/,
    ],
    ["export", "r --out o.onnx --opset 99", /--opset\); expected a whole number from 17 to 21; got 99/],
  ])("are refused in the words of the command line: %s %s", async (name, words, message) => {
    await expect(commandOf(name).call(words.split(" "))).rejects.toThrow(message);
  });

  it("are put where the job has them", () => {
    const values = { epochs: 3, width: 0.5, learningRate: undefined };
    expect(optionsOf(flagsOf(pretrainOptions), values)).toEqual({
      epochs: 3,
      backboneOptions: { widthMultiplier: 0.5 },
    });
  });
});
