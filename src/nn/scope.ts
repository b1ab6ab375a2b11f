/**
 * A place in the tree of variables. A layer is a function of a scope and a tensor. Calling it again with the
 * same scope shares the weights (a second view); calling it with a teacher's scope gives the teacher.
 */
import { labelled, type Shape, stopGradient, type Tensor } from "../tensor/index.ts";
import type { Initializer } from "./initializers.ts";
import type { Variable, Variables } from "./variables.ts";

export interface ScopeMode {
  /** Batch statistics and dropout as in training; otherwise as in evaluation. */
  training: boolean;
  /** Whether `parameter` declares something that learns. A teacher's scope declares state instead. */
  trainable: boolean;
  /** Whether parameters are constants for differentiation: for a network that another one learns against. */
  frozen?: boolean;
  /**
   * Whether the layer at a full path is frozen: its parameters do not learn, and it uses running statistics
   * and no noise, as in evaluation.
   */
  still?: (path: string) => boolean;
}

/**
 * A path into {@link Variables}, and the mode of layers there. It holds no values and is cheap to make at
 * every level.
 */
export class Scope {
  readonly variables: Variables;
  readonly path: string;
  readonly mode: ScopeMode;

  constructor(variables: Variables, path: string, mode: ScopeMode) {
    this.variables = variables;
    this.path = path;
    this.mode = mode;
  }

  /** The scope one or more levels down: `scope.at("layer1.0")`. The empty path is the root. */
  at(name: string | number): Scope {
    return new Scope(this.variables, this.#join(`${name}`), this.mode);
  }

  /** The same place with another mode, e.g. evaluation. */
  with(mode: Partial<ScopeMode>): Scope {
    return new Scope(this.variables, this.path, { ...this.mode, ...mode });
  }

  /** Whether layers use the statistics of the batch rather than the running ones. */
  get training(): boolean {
    return this.mode.training && !this.#isStill(this.path);
  }

  /** Whether there is noise such as dropout: in training, and only in networks that learn. */
  get isNoisy(): boolean {
    return this.training && this.mode.trainable;
  }

  /**
   * A learned tensor of `shape`, called `<path>.<name>`. A second call returns the same tensor.
   * `decays: false` excludes it from weight decay. If the mode is not trainable or the layer is frozen, it is
   * state, which changes only by an average.
   *
   * @throws AfterimageError `tensor/shape` when it was declared before with another shape; so does {@link
   * state}.
   */
  parameter(name: string, shape: Shape, initial: Initializer, { decays = true } = {}): Tensor {
    const path = this.#join(name);
    const kind = this.mode.trainable && !this.#isStill(path) ? "parameter" : "state";
    const { value } = this.variables.declare({ path, shape, initial, kind, decays });
    return this.mode.frozen ? stopGradient(value) : value;
  }

  /**
   * A value that a step reads and replaces ({@link setState}); a second read in the same step sees the
   * replacement. State that training reads and no layer sets is an error when the step is built.
   */
  state(name: string, shape: Shape, initial: Initializer): Tensor {
    const { path, next } = this.#declareState(name, shape, initial);
    if (this.training) this.variables.awaitNext(path);
    return next;
  }

  /** A value that no step changes, kept beside the weights, as a table of positions. */
  fixed(name: string, shape: Shape, initial: Initializer): Tensor {
    return this.#declareState(name, shape, initial).value;
  }

  #declareState(name: string, shape: Shape, initial: Initializer): Variable {
    return this.variables.declare({ path: this.#join(name), shape, initial, kind: "state", decays: false });
  }

  /**
   * Sets the value of a declared state after this step; `next` has the shape of the state.
   *
   * @throws Error when the state was not declared before: a mistake in a layer, not in its use.
   */
  setState(name: string, next: Tensor): void {
    const variable = this.variables.get(this.#join(name));
    if (variable === undefined) throw new Error(`state ${this.#join(name)} is set before it is declared`);
    this.variables.setNext(variable, next);
  }

  /**
   * A mask of `shape` drawn on the host: each element is 1/keep with probability `keep`, in (0, 1], otherwise
   * 0.
   */
  mask(name: string, shape: Shape, keep: number): Tensor {
    return this.variables.mask(this.#join(name), shape, keep);
  }

  /** Builds with every node labelled by this scope's path. */
  labelled<T>(build: () => T): T {
    return labelled(this.path, build);
  }

  #isStill(path: string): boolean {
    return this.mode.still?.(path) ?? false;
  }

  #join(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}
