/** What is known of an option beside the values that it takes: its line in a help, and whether it has one. */
import * as z from "zod";

export interface OptionFacts {
  /** What it is, as a clause. Other options are named by `optionName`. */
  description: string;
  /** The default in words; the job decides it. */
  fallback?: string;
  /** What stands for a value in the help: `name` in `--method <name>`. Default: `n` or `x` for numbers. */
  placeholder?: string;
  /** The values that it takes, in words, where these are more than the schema's own checks say. */
  expected?: string;
  /** How the command line has it: by a flag (the default), as a word without one, or not at all. */
  shown?: "flag" | "word" | "never";
  /** Its name on the command line and in configuration files, where that is another. */
  called?: string;
  /** For one that is on by default: what turning it off means. */
  off?: string;
  /** Whether a configuration file may have it. Default: if it has a flag. What belongs to one call is in no file. */
  inFile?: boolean;
  /** For an option that holds others: those that the command line has flags for, by name. */
  holds?: z.core.$ZodShape;
}

const FACTS = new WeakMap<z.core.$ZodType, OptionFacts>();

/** An option that may be left out. */
export function option<S extends z.ZodType>(schema: S, facts: OptionFacts): z.ZodExactOptional<S> {
  const optional = schema.exactOptional();
  FACTS.set(optional, facts);
  return optional;
}

/** An option that has to be given. */
export function needed<S extends z.ZodType>(schema: S, facts: OptionFacts): S {
  FACTS.set(schema, facts);
  return schema;
}

/** @throws Error for a schema that is no option: a bug here. */
export function factsOf(schema: z.core.$ZodType): OptionFacts {
  const facts = FACTS.get(schema);
  if (facts === undefined) throw new Error("this schema is not that of an option");
  return facts;
}

export function isNeeded(schema: z.core.$ZodType): boolean {
  return !(schema instanceof z.ZodExactOptional);
}

/** What an option takes when it is there. */
export function valueSchema(schema: z.core.$ZodType): z.ZodType {
  return (schema instanceof z.ZodExactOptional ? schema.unwrap() : schema) as z.ZodType;
}

/** The option of this name; undefined if there is none. */
export function memberOf(holder: z.core.$ZodType, name: string): z.ZodType | undefined {
  const outer = valueSchema(holder);
  if (!(outer instanceof z.ZodObject) || !Object.hasOwn(outer.shape, name)) return undefined;
  return outer.shape[name] as z.ZodType;
}
