/** The declarations that a network makes while its graph is built: parameters, state, and random masks. */
import { AfterimageError } from "../errors.ts";
import { input, type Shape, sameShape, type Tensor } from "../tensor/index.ts";
import type { Initializer } from "./initializers.ts";

/** One named value that is kept from step to step. */
export interface Variable {
  /** Dotted path, as in a PyTorch state dict: `backbone.layer1.0.conv1.weight`. */
  readonly path: string;
  readonly shape: Shape;
  readonly initial: Initializer;
  /**
   * Parameters get gradients; state (statistics, centres, the teacher's weights) only gets its next value.
   */
  readonly kind: "parameter" | "state";
  /** Whether weight decay (and LARS's adaptation) applies: false for biases, norms and tokens. */
  readonly decays: boolean;
  /** The value at the start of the step, a graph input. */
  readonly value: Tensor;
  /** The value so far: read by a second call in the same step, and at the end the next value. */
  next: Tensor;
}

/** A mask drawn on the host at every step: each element is 1/keep with probability `keep`, otherwise 0. */
export interface MaskDraw {
  readonly name: string;
  readonly shape: Shape;
  readonly keep: number;
}

/** The variables of one graph, by path, in the order of their declaration. */
export class Variables {
  readonly #byPath = new Map<string, Variable>();
  /** Paths of state that training has read, each with whether its next value was set. */
  readonly #isSet = new Map<string, boolean>();
  #isClosed = false;
  readonly masks: MaskDraw[] = [];

  get all(): readonly Variable[] {
    return [...this.#byPath.values()];
  }

  get parameters(): readonly Variable[] {
    return this.all.filter((variable) => variable.kind === "parameter");
  }

  get(path: string): Variable | undefined {
    return this.#byPath.get(path);
  }

  /**
   * The variable at `path`, declared on first use and shared afterwards.
   *
   * @throws AfterimageError `tensor/shape` when it was declared with another shape; `train/network` when it
   * is new and the graph is compiled already.
   */
  declare(spec: Omit<Variable, "value" | "next">): Variable {
    const known = this.#byPath.get(spec.path);
    if (known === undefined) {
      this.#requireOpen(spec.path);
      const value = input(spec.path, spec.shape);
      const variable = { ...spec, value, next: value };
      this.#byPath.set(spec.path, variable);
      return variable;
    }
    if (!sameShape(known.shape, spec.shape)) {
      throw new AfterimageError("tensor/shape", {
        what: "a variable is declared twice with different shapes",
        where: spec.path,
        expected: `[${known.shape}]`,
        got: `[${spec.shape}]`,
      });
    }
    return known;
  }

  /** State at `path` that a training step reads, and must therefore replace. */
  awaitNext(path: string): void {
    if (!this.#isSet.has(path)) this.#isSet.set(path, false);
  }

  /** Sets the next value of a state. */
  setNext(variable: Variable, next: Tensor): void {
    variable.next = next;
    this.#isSet.set(variable.path, true);
  }

  /**
   * Ends the declarations: the graph is complete, and what is declared from now on would not be part of it.
   *
   * @throws AfterimageError `train/network` for state that training reads and never replaces.
   */
  close(): void {
    const unset = [...this.#isSet].flatMap(([path, isSet]) => (isSet ? [] : [path]));
    if (unset.length > 0) {
      throw new AfterimageError("train/network", {
        what: "a network reads state that no step changes",
        where: unset.join(", "),
        todo: "Call scope.setState with its next value, or declare it by scope.fixed if it never changes.",
      });
    }
    this.#isClosed = true;
  }

  #requireOpen(path: string): void {
    if (!this.#isClosed) return;
    throw new AfterimageError("train/network", {
      what: "a variable is declared after the graph was compiled, so no step would use it",
      where: path,
      todo: "Build the whole network first, or build another graph with new Variables.",
    });
  }

  /**
   * A new mask input; each call is a new draw.
   *
   * @throws AfterimageError `train/network` when the graph is compiled already.
   */
  mask(path: string, shape: Shape, keep: number): Tensor {
    this.#requireOpen(path);
    const name = `mask.${path}.${this.masks.length}`;
    this.masks.push({ name, shape, keep });
    return input(name, shape);
  }
}
