/** What is known of a tensor that the picture leads to. */
import type { Shape } from "../../tensor/index.ts";
import { type Branch, distinct } from "./branch.ts";
import { alongOf, type Layout, type Part, plainAxis } from "./layout.ts";

/** Where places began to see the whole picture, whatever the sizes of windows. */
export interface Whole {
  readonly layer: string;
  readonly operator: string;
}

export interface MapState {
  readonly layout: Layout;
  /** The ways by which a place sees its own part of the picture. None if it sees only the whole. */
  readonly branches: readonly Branch[];
  /** The first operators, on any way, through which a place sees the whole picture. */
  readonly whole: readonly Whole[];
}

/** The state of what is computed from several tensors, place by place, under broadcasting. */
export function joined(states: readonly MapState[], shape: Shape): MapState {
  return { layout: joinedLayout(states, shape), ...waysOf(states) };
}

/** The ways of all of them. */
export function waysOf(states: readonly MapState[]): Pick<MapState, "branches" | "whole"> {
  const [first] = states;
  if (states.length === 1 && first !== undefined) return { branches: first.branches, whole: first.whole };
  const whole = states.flatMap((state) => state.whole);
  return {
    branches: distinct(states.flatMap(({ branches }) => branches)),
    whole: whole.filter((one, i) => whole.findIndex(({ layer }) => layer === one.layer) === i),
  };
}

/** The state with places that see the whole picture through `where`. */
export function alsoWhole(state: MapState, where: Whole): MapState {
  return { ...state, whole: state.whole.length === 0 ? [where] : state.whole };
}

function joinedLayout(states: readonly MapState[], shape: Shape): Layout {
  return shape.map((size, axis) => {
    const candidates = states.flatMap(({ layout }) => [layout[axis - shape.length + layout.length] ?? []]);
    return candidates.find((parts) => fits(parts, size)) ?? plainAxis(size);
  });
}

function fits(parts: readonly Part[], size: number): boolean {
  return alongOf(parts).length > 0 && parts.reduce((product, part) => product * part.size, 1) === size;
}
