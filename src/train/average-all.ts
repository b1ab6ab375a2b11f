/**
 * An average of the whole network, for objectives with a teacher that averages everything and is not built.
 */
import type { Variable, Variables } from "../nn/variables.ts";
import type { CompleteObjective } from "../objectives/complete-objective.ts";
import { movingAverage } from "../optim/momentum-average.ts";
import type { Tensor } from "../tensor/index.ts";
import { TEACHER, TEACHER_MOMENTUM } from "./graph-names.ts";

interface Averaged {
  variables: Variables;
  scalars: Readonly<Record<string, Tensor>>;
}

/**
 * Declares the average of every variable that has none yet. The update averages parameters. States are
 * averaged here, from their next values. A state that no step changes is its own average; a network that is
 * given has none.
 */
export function averageAll(
  { teacher, given }: Pick<CompleteObjective, "teacher" | "given">,
  stage: Averaged,
): void {
  if (!teacher?.averagesAll) return;
  const others = [TEACHER, ...(given === undefined ? [] : [given])];
  for (const variable of stage.variables.all) {
    if (others.some((path) => variable.path.startsWith(`${path}.`)) || twinOf(stage.variables, variable))
      continue;
    averageOf(variable, stage);
  }
}

function averageOf(variable: Variable, { variables, scalars }: Averaged): void {
  const { path, shape, initial, value, next, kind } = variable;
  const twin = variables.declare({
    ...{ path: `${TEACHER}.${path}`, shape, initial },
    ...{ kind: "state", decays: false },
  });
  if (kind === "state" && next !== value)
    variables.setNext(twin, movingAverage(twin.value, next, scalars[TEACHER_MOMENTUM]!));
}

function twinOf(variables: Variables, { path }: Variable): Variable | undefined {
  return variables.get(`${TEACHER}.${path}`);
}
