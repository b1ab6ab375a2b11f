import * as z from "zod";
import { type OptionFacts, option } from "../options/option-facts.ts";
import { BACKGROUND_NAMES, parseBackground } from "./background.ts";

/** The background for pictures with transparency. */
export function backgroundOption(facts: Pick<OptionFacts, "fallback">) {
  const isColour = (given: string) => parseBackground(given) !== null;
  return option(z.string().refine(isColour), {
    description: "colour behind transparent pixels: white, black, grey, #rrggbb, or auto",
    placeholder: "colour",
    expected: `${Object.keys(BACKGROUND_NAMES).join(", ")}, or a colour as #rrggbb`,
    ...facts,
  });
}
