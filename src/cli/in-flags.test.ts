import { describe, expect, it } from "vitest";
import { AfterimageError } from "../errors.ts";
import { evaluateOptions } from "../jobs/evaluate-options.ts";
import { pretrainOptions } from "../jobs/pretrain-options.ts";
import { optionName, optionValues } from "../options/option-name.ts";
import { errorInFlags, messageWriter } from "./in-flags.ts";

const write = messageWriter(pretrainOptions);

describe("a message of the library on the command line", () => {
  it.each([
    [optionName("batchSize"), "--batch-size"],
    [optionName("widthMultiplier"), "--width"],
    [optionName("labels"), "--no-labels"],
    [optionName("pictures"), "<pictures>"],
    [optionName("settings.cropScale[1]"), "--set cropScale[1]"],
    [optionName("training.optimizer"), "--set training.optimizer"],
    [optionName("learningRate"), "--learning-rate"],
    [optionName("zeroInit"), "zeroInit"],
    [optionName("notAnOption"), "notAnOption"],
    [optionValues({ batchSize: 128, microBatch: 64 }), "--batch-size 128 --micro-batch 64"],
    [optionValues({ resume: true, morePictures: true }), "--resume --more-pictures"],
    [optionValues({ resume: "auto" }), "--resume auto"],
    [optionValues({ "settings.viewScale": 1 }), "--set viewScale=1"],
    [optionValues({ "training.clip": 0.5 }), "--set training.clip=0.5"],
    [optionValues({ zeroInit: false }), "zeroInit false"],
  ])("has %s as %s", (named, flags) => {
    expect(write(`a, ${named} b`)).toBe(`a, ${flags} b`);
  });

  it("has the flags of its own command", () => {
    const ofEvaluate = messageWriter(evaluateOptions);
    expect(ofEvaluate(optionName("protocols"))).toBe("--protocol");
    expect(ofEvaluate(optionName("settings.x"))).toBe("settings.x");
  });
});

describe("an error of the library on the command line", () => {
  it("has its flags in every part, and is otherwise the same", () => {
    const cause = new AfterimageError("data/missing", {
      what: `nothing at ${optionName("out")}`,
      where: `${optionName("out")} runs/x`,
      expected: optionName("minutes"),
      got: "nothing",
      todo: `Use ${optionName("force")}.`,
    });
    const error = errorInFlags(cause, write) as AfterimageError;
    expect(error.message).toBe(
      "nothing at --out (--out runs/x); expected --minutes; got nothing. Use --force.",
    );
    expect(error).toMatchObject({ code: "data/missing", isUsage: true, cause });
    expect(error.evidence).toMatchObject({ where: "--out runs/x", todo: "Use --force." });
  });

  it("is left alone if it is not of the library", () => {
    const bug = new TypeError("`out` is undefined");
    expect(errorInFlags(bug, write)).toBe(bug);
  });
});
