/** Refuses a step that has diverged before any of its results are kept. */
import { firstNotFinite } from "../data/first-not-finite.ts";
import { AfterimageError } from "../errors.ts";
import type { Results } from "../runtime/session.ts";
import { NEXT, WRITE } from "./graph-names.ts";

interface Measured {
  loss: number;
  gradientNorm: number;
  learningRate: number;
}

/**
 * Checks the loss, the norm of the gradient, and every value and memory row that the step returns. A finite
 * loss and gradient are not enough: a rate, a momentum or a running variance may still overflow.
 *
 * The check adds up each number once. The step itself computes at least 6 · B products for each parameter,
 * and copies each number out of the runtime.
 *
 * @throws AfterimageError `train/not-finite` with the step, its learning rate, and what is not finite.
 */
export function requireFinite(report: Measured, results: Results, step: number): void {
  const { loss, gradientNorm } = report;
  const measured = `loss ${loss}, gradient norm ${gradientNorm}`;
  if (!Number.isFinite(loss)) throw diverged("the loss", measured, report, step);
  if (!Number.isFinite(gradientNorm)) throw diverged("the gradient", measured, report, step);
  for (const [name, data] of Object.entries(results)) {
    if (!(data instanceof Float32Array) || !(name.startsWith(NEXT) || name.startsWith(WRITE))) continue;
    const at = firstNotFinite(data);
    if (at < 0) continue;
    throw diverged(nameOf(name), `${data[at]} at element ${at}; ${measured}`, report, step);
  }
}

function nameOf(output: string): string {
  return output.startsWith(NEXT)
    ? `the next value of ${output.slice(NEXT.length)}`
    : `a row for the memory ${output.slice(WRITE.length)}`;
}

function diverged(what: string, got: string, { learningRate }: Measured, step: number): AfterimageError {
  return new AfterimageError("train/not-finite", {
    what: `${what} is not finite`,
    where: `step ${step + 1}, learning rate ${learningRate.toPrecision(3)}`,
    got,
    todo: "Lower the learning rate, lengthen the warm-up or clip the gradient.",
  });
}
