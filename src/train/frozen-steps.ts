import type { Method, ScalarSchedule } from "../methods/method.ts";

/** Steps until the last gate opens; a gate that never does is part of the method and not of its start. */
export function frozenSteps(
  { gates }: Pick<Method, "gates">,
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
