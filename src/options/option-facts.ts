/** Facts about an option besides the values that it takes, such as its line in a help. */
import * as z from "zod";

export interface OptionFacts {
  /** Its meaning as a clause. `optionName` names other options in it. */
  description: string;
  /** The default in words; the job decides it. */
  fallback?: string;
  /**
   * The text in place of a value in the help: `name` in `--method <name>`. Default: `n` or `x` for numbers.
   */
  placeholder?: string;
  /** The values that it takes, in words, if the schema's own checks do not say everything. */
  expected?: string;
  /** Its form on the command line: a flag (the default), a word without one, or none. */
  shown?: "flag" | "word" | "never";
  /** Its name on the command line and in configuration files, if that differs. */
  called?: string;
  /** For an option that is on by default: the meaning of turning it off. */
  off?: string;
  /**
   * Whether a configuration file may have it. Default: if it has a flag. An option that belongs to one call
   * is in no file.
   */
  inFile?: boolean;
  /** For an option that holds others: those with flags on the command line, by name. */
  holds?: z.core.$ZodShape;
}

const FACTS = new WeakMap<z.core.$ZodType, OptionFacts>();

/** Declares an option that may be left out. */
export function option<S extends z.ZodType>(schema: S, facts: OptionFacts): z.ZodExactOptional<S> {
  const optional = schema.exactOptional();
  FACTS.set(optional, facts);
  return optional;
}

/** Declares an option that must be given. */
export function needed<S extends z.ZodType>(schema: S, facts: OptionFacts): S {
  FACTS.set(schema, facts);
  return schema;
}

/** @throws Error for a schema that is no option, which is a bug here. */
export function factsOf(schema: z.core.$ZodType): OptionFacts {
  const facts = FACTS.get(schema);
  if (facts === undefined) throw new Error("this schema is not that of an option");
  return facts;
}

export function isNeeded(schema: z.core.$ZodType): boolean {
  return !(schema instanceof z.ZodExactOptional);
}

/** The schema of an option's value when it is given. */
export function valueSchema(schema: z.core.$ZodType): z.ZodType {
  return (schema instanceof z.ZodExactOptional ? schema.unwrap() : schema) as z.ZodType;
}

/** The option of this name; undefined if there is none. */
export function memberOf(holder: z.core.$ZodType, name: string): z.ZodType | undefined {
  const outer = valueSchema(holder);
  if (!(outer instanceof z.ZodObject) || !Object.hasOwn(outer.shape, name)) return undefined;
  return outer.shape[name] as z.ZodType;
}
