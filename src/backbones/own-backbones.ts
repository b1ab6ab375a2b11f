/** Backbones of users, known by their names in this process. */
import * as z from "zod";
import { AfterimageError } from "../errors.ts";
import { option, valueSchema } from "../options/option-facts.ts";
import type { Backbone, Family } from "./backbone.ts";
import type { BackboneEntry } from "./backbone-entry.ts";
import type { FreeBackboneOptions } from "./backbone-options.ts";

/**
 * A backbone of your own, for `addBackbone`: by its name a run finds it again.
 *
 * @typeParam O its options, complete.
 */
export interface OwnBackbone<O extends object = object> {
  /** What runs and listings call it. Its backbones have this name, or this name, `_` and a suffix. */
  readonly name: string;
  /** The family of its backbones. Default: its name, which methods treat as a convolutional network. */
  readonly family?: Family;
  readonly summary?: string;
  readonly paper?: string;
  /** Its options beside the size of the pictures, each with a default. Default: it has none. */
  readonly options?: z.ZodObject & z.ZodType<O>;
  /** Makes it from complete options, for pictures of `imageSize` pixels. */
  make(options: O & { imageSize: number }): Backbone;
  /**
   * The backbone that had this name and these settings in a run.
   *
   * @throws for settings that are not of this backbone, such as by the `parse` of a schema.
   */
  restore(name: string, settings: Backbone["settings"]): Backbone;
  /** The options that give these settings again. Default: the settings that have the names of options. */
  optionsOf?(settings: Backbone["settings"]): Partial<O>;
  /**
   * The module that adds it, named to those who use its runs without it. It is read by people and never
   * loaded.
   */
  readonly module?: string;
}

const OWN = new Map<string, BackboneEntry>();

export function ownBackbones(): BackboneEntry[] {
  return [...OWN.values()];
}

/**
 * @param table names of the backbones that the project has.
 * @throws AfterimageError `usage/value` for a name by which a run could be one of theirs.
 */
export function keepBackbone(own: OwnBackbone, table: readonly string[]): void {
  const { name } = own;
  if (table.some((taken) => name === taken || name.startsWith(`${taken}_`))) {
    throw new AfterimageError("usage/value", {
      what: "a backbone of your own has the name of one in the table, or begins with it",
      where: "name",
      got: name,
      todo: "Give it another name, by which its runs are found again.",
    });
  }
  OWN.set(name, completeEntry(own));
}

const NO_OPTIONS = z.strictObject({});

function completeEntry(own: OwnBackbone): BackboneEntry {
  const { name, family = name, summary = "a backbone of your own", paper = "", module } = own;
  const { options = NO_OPTIONS } = own;
  return {
    ...{ name, family, summary, paper, options: asOptions(options) },
    ...(module !== undefined && { module }),
    make({ imageSize, ...chosen }) {
      const complete = options.parse(chosen) as object;
      return requireName(name, own.make({ ...complete, imageSize }));
    },
    restore: (kept, settings) => requireName(name, restored(own, kept, settings)),
    optionsOf: (settings) =>
      (own.optionsOf?.(settings) ?? settingsOfOptions(options, settings)) as FreeBackboneOptions,
  };
}

/** Members of a plain schema as options, which may be left out and say what they take. */
function asOptions({ shape }: z.ZodObject): z.ZodObject {
  const members = Object.entries(shape).map(([name, member]) => {
    const schema = valueSchema(member);
    return [name, option(schema, { description: schema.description ?? name, shown: "never" })] as const;
  });
  return z.strictObject(Object.fromEntries(members));
}

function settingsOfOptions({ shape }: z.ZodObject, settings: Backbone["settings"]): object {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => Object.hasOwn(shape, name)));
}

/** Whatever its `restore` throws, settings from a file are to blame. */
function restored(own: OwnBackbone, kept: string, settings: Backbone["settings"]): Backbone {
  try {
    return own.restore(kept, settings);
  } catch (cause) {
    if (cause instanceof AfterimageError) throw cause;
    const got = cause instanceof Error ? cause.message : `${cause}`;
    throw new AfterimageError(
      "usage/value",
      { what: `${kept} cannot have these settings`, where: "backbone.settings", got },
      { cause },
    );
  }
}

function requireName(name: string, backbone: Backbone): Backbone {
  if (backbone.name === name || backbone.name.startsWith(`${name}_`)) return backbone;
  throw new AfterimageError("usage/value", {
    what: "a backbone of your own would not be found again by its name in a run",
    where: `${name}, name`,
    expected: `${name}, or ${name}_ and a suffix`,
    got: backbone.name,
  });
}
