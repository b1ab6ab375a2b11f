/** Kinds of options that several jobs have. */
import * as z from "zod";
import { needed, type OptionFacts, option } from "../options/option-facts.ts";
import { type EncoderInMemory, isEncoder } from "./given-encoder.ts";
import type { Pictures } from "./given-pictures.ts";

/** The facts of an option without those that its kind provides. */
type Facts<Known extends keyof OptionFacts> = Omit<OptionFacts, Known>;

export function text() {
  return z.string().min(1);
}

export function threads() {
  return option(z.int().min(1), { description: "threads to compute with", fallback: "physical cores" });
}

/** The folder of a run or of an imported encoder. */
export function run() {
  return needed(text(), {
    description: "run folder by afterimage pretrain, or encoder folder by afterimage import",
    placeholder: "run",
    shown: "word",
  });
}

/** The folder of a run or of an imported encoder, or an encoder that a program passes. */
export function runOrEncoder() {
  return needed(z.custom<string | EncoderInMemory>(isEncoder), {
    description: "run folder by afterimage pretrain, or encoder folder by afterimage import",
    placeholder: "run",
    expected: "a run or encoder folder, or an encoder { backbone, values, imageSize }",
    shown: "word",
  });
}

/** Pictures by their path, or a data set that a program passes. */
export function pictures(facts: Facts<"expected">) {
  return needed(z.custom<Pictures>(isPictures), {
    expected: "the path of pictures, or an open data set",
    ...facts,
  });
}

export function isPictures(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  return typeof value === "object" && value !== null && "readBatch" in value;
}

/** A function that the job calls. */
export function callback<T>(description: string) {
  return option(
    z.custom<T>((value) => typeof value === "function"),
    {
      description,
      expected: "a function",
      shown: "never",
    },
  );
}

/** Values by name whose rules depend on other options. The job checks them when these are known. */
export function record<T extends object>(facts: Facts<"expected">) {
  const isRecord = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  return option(z.custom<T>(isRecord), { expected: "an object of keys and values", ...facts });
}
