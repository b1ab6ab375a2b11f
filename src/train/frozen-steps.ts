import type { CompleteObjective } from "../objectives/complete-objective.ts";
import type { ScalarSchedule } from "../objectives/situation.ts";

/**
 * Steps until the last gate opens. A gate that never opens is part of the method and not of its start, and
 * does not count.
 */
export function frozenSteps(
  { gates }: Pick<CompleteObjective, "gates">,
  schedules: Readonly<Record<string, ScalarSchedule>>,
  steps: number,
): number {
  const opening = gates.map(({ gate }) => {
    let step = 0;
    while (step < steps && schedules[gate]!(step) === 0) step += 1;
    return step === steps ? 0 : step;
  });
  return Math.max(0, ...opening);
}
