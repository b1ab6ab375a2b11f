import { type Background, parseBackground } from "../../data/background.ts";
import type { Notes } from "../../runs/notes.ts";
import { backgroundOf, type RunConfig } from "../../train/run-config.ts";

/**
 * The background for transparency for the encoder of a run: that of the run by default. If another one is
 * asked for, a note says so.
 */
export function backgroundAsked(
  { background }: { background?: string },
  config: Pick<RunConfig, "background">,
  notes: Notes,
): Background {
  const kept = backgroundOf(config);
  const asked = background === undefined ? kept : parseBackground(background)!;
  if (asked !== kept)
    notes.add(`transparent pictures are composited on ${asked}, but the run was trained with ${kept}`);
  return asked;
}
