/**
 * Sums of gradients over the parts of a batch: inputs and outputs of the parts' graphs, and the arrays
 * between them.
 */
import type { Variable, Variables } from "../../nn/variables.ts";
import type { Results } from "../../runtime/session.ts";
import { add, compile, input, type Program, type Tensor } from "../../tensor/index.ts";
import { GRADIENT, NEXT } from "../graph-names.ts";
import type { Stage, StepOptions } from "../network.ts";
import type { Peers } from "../peers.ts";
import { update } from "../update.ts";
import type { StepVariables } from "./step-form.ts";

export function sumInputs(variables: Variables): Tensor[] {
  return variables.parameters.map(({ path, shape }) => input(`${GRADIENT}${path}`, shape));
}

/** The sums with the gradients of a part added. Parameters without a gradient keep their sums. */
export function added(
  { parameters }: Variables,
  sums: readonly Tensor[],
  grads: readonly (Tensor | null)[],
): Record<string, Tensor> {
  const entries = parameters.flatMap(({ path }, i) =>
    grads[i] === null ? [] : [[`${NEXT}${GRADIENT}${path}`, add(sums[i]!, grads[i]!)]],
  );
  return Object.fromEntries(entries);
}

/** The update from the sums, as a graph, with the variables that all graphs of the step declare. */
export function updateFromSums(
  options: StepOptions,
  stage: Stage,
  sums: readonly Tensor[],
): { graph: StepVariables; program: Program } {
  const { variables } = stage;
  const { outputs, slots } = update(options, stage, sums);
  variables.close();
  const program = compile(outputs, { name: "update", ...options.dialect });
  return { graph: { variables: variables.all, slots, masks: variables.masks }, program };
}

/** The sums of a step while it runs. */
export class GradientSums {
  /** The sums by the names of the graphs' inputs. */
  readonly feeds: Record<string, Float32Array>;

  constructor(variables: readonly Variable[]) {
    const parameters = variables.filter(({ kind }) => kind === "parameter");
    this.feeds = Object.fromEntries(
      parameters.map(({ path, value }) => [`${GRADIENT}${path}`, new Float32Array(value.size)]),
    );
  }

  /** Takes the sums from a part's results, and returns the rest. */
  take(results: Results): Results {
    const rest: Results = {};
    for (const [name, data] of Object.entries(results)) {
      const bare = name.startsWith(NEXT) ? name.slice(NEXT.length) : name;
      if (bare.startsWith(GRADIENT)) this.feeds[bare] = data as Float32Array;
      else rest[name] = data;
    }
    return rest;
  }

  /** Adds the sums of all peers. */
  async meet(peers: Peers): Promise<void> {
    await peers.sum(this.feeds);
  }
}
