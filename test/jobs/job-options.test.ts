/** The options of every job, by its schema: each is described, and refused if it is wrong. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { AfterimageError } from "../../src/errors.ts";
import { distill } from "../../src/jobs/distill.ts";
import { distillOptions } from "../../src/jobs/distill-options.ts";
import { embed } from "../../src/jobs/embed.ts";
import { embedOptions } from "../../src/jobs/embed-options.ts";
import { evaluate } from "../../src/jobs/evaluate.ts";
import { evaluateOptions } from "../../src/jobs/evaluate-options.ts";
import { exportEncoder } from "../../src/jobs/export-encoder.ts";
import { exportOptions } from "../../src/jobs/export-options.ts";
import { finetune } from "../../src/jobs/finetune.ts";
import { finetuneOptions } from "../../src/jobs/finetune-options.ts";
import { importEncoder } from "../../src/jobs/import-encoder.ts";
import { importOptions } from "../../src/jobs/import-options.ts";
import { inspect } from "../../src/jobs/inspect.ts";
import { type InspectOptions, inspectOptions } from "../../src/jobs/inspect-options.ts";
import { predict } from "../../src/jobs/predict.ts";
import { predictOptions } from "../../src/jobs/predict-options.ts";
import { pretrain } from "../../src/jobs/pretrain.ts";
import { pretrainOptions } from "../../src/jobs/pretrain-options.ts";
import { receptiveField } from "../../src/jobs/receptive-field.ts";
import { receptiveFieldOptions } from "../../src/jobs/receptive-field-options.ts";
import { factsOf, isNeeded, valueSchema } from "../../src/options/option-facts.ts";
import { ruleText } from "../../src/options/rule-text.ts";

interface Job {
  name: string;
  schema: z.ZodObject;
  run(options: never): Promise<unknown>;
  /** Options with which the job would begin. */
  valid: object;
}

const JOBS: Job[] = [
  { name: "pretrain", schema: pretrainOptions, run: pretrain, valid: { pictures: "none" } },
  {
    name: "importEncoder",
    schema: importOptions,
    run: importEncoder,
    valid: { weights: "none", out: "none/encoder" },
  },
  { name: "evaluate", schema: evaluateOptions, run: evaluate, valid: { run: "none", data: "none" } },
  {
    name: "embed",
    schema: embedOptions,
    run: embed,
    valid: { run: "none", pictures: "none", out: "none/x.npy" },
  },
  { name: "finetune", schema: finetuneOptions, run: finetune, valid: { run: "none", pictures: "none" } },
  { name: "distill", schema: distillOptions, run: distill, valid: { run: "none", pictures: "none" } },
  { name: "predict", schema: predictOptions, run: predict, valid: { run: "none", pictures: "none" } },
  {
    name: "exportEncoder",
    schema: exportOptions,
    run: exportEncoder,
    valid: { run: "none", out: "none/x.onnx" },
  },
  {
    name: "inspect",
    schema: inspectOptions,
    run: ({ target }: InspectOptions) => inspect(target),
    valid: { target: "none" },
  },
  {
    name: "receptiveField",
    schema: receptiveFieldOptions,
    run: receptiveField,
    valid: { target: "none" },
  },
];

/** The error by which a job refuses these options. */
async function refusal({ run, valid }: Job, options: object): Promise<AfterimageError> {
  const error: unknown = await run({ ...valid, ...options } as never).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AfterimageError);
  return error as AfterimageError;
}

/** Numbers just outside of an option's range; none if it takes no numbers. */
function outside(option: z.core.$ZodType): number[] {
  const { type, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = z.toJSONSchema(valueSchema(option), {
    unrepresentable: "any",
  }) as { type?: string } & Record<string, number | undefined>;
  if (type !== "integer" && type !== "number") return [];
  const below = minimum === undefined ? [] : [minimum - 1];
  const above = maximum === undefined ? [] : [maximum + 1];
  const ends = [exclusiveMinimum, exclusiveMaximum].filter((end) => end !== undefined);
  return [...below, ...above, ...ends, Number.NaN, ...(type === "integer" ? [(minimum ?? 0) + 0.5] : [])];
}

describe.each(JOBS)("the options of $name", (job) => {
  const { name, schema } = job;
  const options = Object.entries(schema.shape);

  it("are each described in a clause, with the values that they take", () => {
    for (const [option, one] of options) {
      expect(factsOf(one).description, option).toMatch(/^\S.*[^.\s]$/);
      expect(ruleText(one), option).toMatch(/^[a-z].*[^.]$/);
      expect(ruleText(one), option).not.toContain("undefined");
    }
  });

  it("are refused if one is unknown, with the nearest known one", async () => {
    if (name === "inspect") return expect(options).toHaveLength(1); // a single value, which has no name
    const [first] = options[0]!;
    const { code, message } = await refusal(job, { [`${first}s`]: 1 });
    expect({ code, message }).toEqual({
      code: "usage/option",
      message: expect.stringContaining(`there is no option "${first}s" (${name}({ ${first}s }))`),
    });
    expect(message).toMatch(new RegExp(`Did you mean ${first}\\?$`));
  });

  it.each(options)("are refused if the kind of %s is wrong", async (option, one) => {
    for (const wrong of [Symbol("wrong"), [Symbol("wrong")]]) {
      const { code, evidence } = await refusal(job, { [option]: wrong });
      const isHolder = valueSchema(one) instanceof z.ZodObject;
      expect({ code, ...evidence }).toMatchObject({
        code: "usage/value",
        where: `${name}({ ${option} })`,
        expected: isHolder ? "an object of keys and values" : ruleText(one),
      });
    }
  });

  it.each(options.filter(([, one]) => outside(one).length > 0))(
    "are refused if %s is out of range",
    async (option, one) => {
      for (const wrong of outside(one)) {
        const { code, evidence } = await refusal(job, { [option]: wrong });
        const where = `${name}({ ${option} })`;
        expect({ code, ...evidence }).toMatchObject({ code: "usage/value", where, got: `${wrong}` });
      }
    },
  );

  it.each(options.filter(([, one]) => isNeeded(one)))("are refused if %s is missing", async (option) => {
    const { code, evidence } = await refusal(job, { [option]: undefined });
    expect({ code, where: evidence.where }).toEqual({
      code: "usage/missing",
      where: `${name}({ ${option} })`,
    });
  });
});

describe("the options of a backbone", () => {
  const backbone = (options: object) => refusal(JOBS[0]!, { backboneOptions: options });

  it("are refused by their own names", async () => {
    const holder = valueSchema(pretrainOptions.shape.backboneOptions) as z.ZodObject;
    for (const [option, one] of Object.entries(holder.shape)) {
      const { evidence } = await backbone({ [option]: {} });
      const where = `pretrain({ backboneOptions: { ${option} } })`;
      expect(evidence).toMatchObject({ where, expected: ruleText(one) });
    }
    expect((await backbone({ patches: 4 })).message).toMatch(
      /no option "patches" \(pretrain\(\{ backboneOptions: \{ patches \} \}\)\).*Did you mean patch\?$/,
    );
  });

  it("may be undefined, like all others", async () => {
    const { code } = await refusal(JOBS[0]!, { backboneOptions: { patch: undefined }, seed: undefined });
    expect(code).toBe("data/missing");
  });
});
