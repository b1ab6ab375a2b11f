import { expect, it } from "vitest";
import * as z from "zod";
import { needed, option } from "./option-facts.ts";
import { schemaOf } from "./schema-of.ts";

interface Options {
  /** How many. */
  count: number;
  stem?: "cifar" | "imagenet";
}

const facts = { description: "an option" };
const count = needed(z.int(), facts);
const stem = option(z.enum(["cifar", "imagenet"]), facts);

it("has exactly the options of a type, which the type checker holds", () => {
  const schema = schemaOf<Options>()({ count, stem });
  const options: Options = schema.parse({ count: 3 });
  expect(options).toEqual({ count: 3 });
  // @ts-expect-error: an option is missing
  schemaOf<Options>()({ count });
  // @ts-expect-error: one that the type does not have
  schemaOf<Options>()({ count, stem, seed: stem });
  // @ts-expect-error: may be left out in the type only
  schemaOf<Options>()({ count, stem: needed(z.enum(["cifar", "imagenet"]), facts) });
  // @ts-expect-error: may be left out in the schema only
  schemaOf<Options>()({ count: option(z.int(), facts), stem });
  // @ts-expect-error: takes less than the type
  schemaOf<Options>()({ count, stem: option(z.literal("cifar"), facts) });
  // @ts-expect-error: takes more than the type
  schemaOf<Options>()({ count: needed(z.union([z.int(), z.string()]), facts), stem });
});
