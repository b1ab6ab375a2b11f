/** Sentences about the changes of a run that continues. */
import type { Change } from "../train/run-config.ts";

/** The name of a change of the number of pictures. */
export const ADDED_PICTURES = "data.pictures";

/** A sentence for each change after `step` steps. */
export function changeNotes(changes: readonly Change[], step: number): string[] {
  const notes = changes.map(({ name, from, to }) => {
    const called = name.replace(/^(environment|data)\./, "");
    return `from step ${step} on: ${called} ${JSON.stringify(from)} → ${JSON.stringify(to)}`;
  });
  if (changes.some(({ name }) => name === "epochs"))
    notes.push("from here on, the learning rate and the other schedules follow the new number of epochs");
  if (changes.some(({ name }) => name === ADDED_PICTURES))
    notes.push(
      "steps are counted as if the run had had all pictures from the start; an unfinished epoch starts again",
    );
  if (changes.some(({ name }) => name.startsWith("environment.")))
    notes.push("the last digits may differ from those of a run computed in a single environment");
  return notes;
}
