/** Uses of the operators that move, repeat and add up elements. */
import type { OperatorName } from "afterimage/tensor";
import * as t from "afterimage/tensor";
import fc from "fast-check";
import {
  axisOf,
  booleans,
  broadcastShapes,
  type Draw,
  fromFront,
  integers,
  seeds,
  shapes,
  uniform,
} from "../support/draw.ts";
import type { Case } from "../support/gradcheck.ts";
import { fill, indicesOf, NdArray } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

const draw = uniform(-2, 2);
const anyType = fc.constantFrom<Draw>(
  draw,
  draw,
  integers(-9, 9, "int64"),
  integers(-9, 9, "int32"),
  booleans,
);

const reshape: Entry = {
  cases: fc.tuple(shapes(), seeds, anyType, fc.boolean()).chain(([shape, seed, drawAny, infer]) => {
    const size = shape.reduce((n, axis) => n * axis, 1);
    return fc.constantFrom([size], [1, size], [...shape, 1], [...shape].reverse()).map((target) => ({
      note: `to [${target}]${infer ? ", one size inferred" : ""}`,
      args: [drawAny(shape, seed)],
      build: ([x]) => [t.reshape(x!, infer && target.length > 0 ? [-1, ...target.slice(1)] : target)],
      reference: ([x]) => [new NdArray(target, x!.data)],
    }));
  }),
};

const transpose: Entry = {
  cases: shapes()
    .chain((shape) => {
      const axes = shape.map((_, axis) => axis);
      return fc.tuple(
        fc.constant(shape),
        seeds,
        anyType,
        fc.shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length }),
      );
    })
    .map(([shape, seed, drawAny, order]) => ({
      note: `axes [${order}]`,
      args: [drawAny(shape, seed)],
      build: ([x]) => [t.transpose(x!, order)],
      reference: ([x]) => [
        fill(
          order.map((axis) => shape[axis]!),
          (...to) => x!.at(...shape.map((_, axis) => to[order.indexOf(axis)]!)),
        ),
      ],
    })),
};

const expand: Entry = {
  cases: fc.tuple(broadcastShapes(1), seeds, anyType).map(([{ whole, parts }, seed, drawAny]) => ({
    note: `to [${whole}]`,
    args: [drawAny(parts[0]!, seed)],
    build: ([x]) => [t.expand(x!, whole)],
    reference: ([x]) => [fill(whole, (...i) => x!.broadcastAt(...i))],
  })),
};

function sumCase([shape, seed, axes, keepDims]: readonly [number[], number, number[], boolean]): Case {
  return {
    note: `over [${axes}]${keepDims ? ", kept" : ""}`,
    args: [draw(shape, seed)],
    build: ([x]) => [
      t.sum(
        x!,
        axes.map((axis) => axis - shape.length),
        keepDims,
      ),
    ],
    reference: ([x]) => [addedUp(x!, axes, keepDims)],
  };
}

const sum: Entry = {
  cases: shapes(1)
    .chain((shape) => fc.tuple(fc.constant(shape), seeds, fc.subarray(shape.map((_, a) => a)), fc.boolean()))
    .map(sumCase),
  // Many rows are added in two stages.
  examples: [sumCase([[1056, 3], 1, [0], false]), sumCase([[32, 33, 2], 2, [0, 1], true])],
};

function addedUp(x: NdArray, axes: readonly number[], keepDims: boolean): NdArray {
  const kept = fill(
    x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    () => 0,
  );
  const data = [...kept.data];
  const flat = fill(kept.shape, () => 0).shape;
  for (const index of indicesOf(x.shape)) {
    const to = index.map((i, axis) => (axes.includes(axis) ? 0 : i));
    data[to.reduce((n, i, axis) => n * flat[axis]! + i, 0)]! += x.at(...index);
  }
  return new NdArray(keepDims ? kept.shape : x.shape.filter((_, axis) => !axes.includes(axis)), data);
}

const slice: Entry = {
  cases: fc
    .tuple(
      fc.array(
        fc
          .integer({ min: 1, max: 7 })
          .chain((size) =>
            fc
              .tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 }), fc.integer({ min: 1, max: 3 }))
              .map(([a, b, step]) => ({ size, start: Math.min(a, b), end: Math.max(a, b) + 1, step })),
          ),
        { minLength: 1, maxLength: 4 },
      ),
      seeds,
      anyType,
    )
    .map(([axes, seed, drawAny]) => {
      const [starts, ends, steps] = [
        axes.map((a) => a.start),
        axes.map((a) => a.end),
        axes.map((a) => a.step),
      ];
      const out = axes.map(({ start, end, step }) => Math.ceil((end - start) / step));
      return {
        note: `[${starts}] to [${ends}] by [${steps}]`,
        args: [
          drawAny(
            axes.map((a) => a.size),
            seed,
          ),
        ],
        build: ([x]) => [t.slice(x!, starts, ends, steps)],
        reference: ([x]) => [
          fill(out, (...i) => x!.at(...i.map((n, axis) => starts[axis]! + n * steps[axis]!))),
        ],
      };
    }),
};

const pad: Entry = {
  cases: fc
    .tuple(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat({ max: 2 }), fc.nat({ max: 2 })), {
        minLength: 1,
        maxLength: 4,
      }),
      seeds,
      anyType,
      fc.constantFrom(0, 0, 1),
    )
    .map(([axes, seed, drawAny, value]) => {
      const [before, after] = [axes.map(([, b]) => b), axes.map(([, , a]) => a)];
      const shape = axes.map(([size]) => size);
      return {
        note: `[${before}] and [${after}] of ${value}`,
        args: [drawAny(shape, seed)],
        build: ([x]) => [t.pad(x!, before, after, value)],
        reference: ([x]) => [
          fill(
            shape.map((size, axis) => before[axis]! + size + after[axis]!),
            (...i) => {
              const from = i.map((n, axis) => n - before[axis]!);
              return from.every((n, axis) => n >= 0 && n < shape[axis]!) ? x!.at(...from) : value;
            },
          ),
        ],
      };
    }),
};

/** A shape, an axis of it, and the sizes of the parts of this axis. */
const parted = shapes(1).chain((shape) =>
  fc
    .tuple(
      axisOf(shape.length),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
      seeds,
    )
    .map(([axis, sizes, seed]) => ({ shape, axis, front: fromFront(axis, shape.length), sizes, seed })),
);

const concat: Entry = {
  cases: fc.tuple(parted, anyType).map(([{ shape, axis, front, sizes, seed }, drawAny]) => ({
    note: `along ${axis}`,
    args: sizes.map((size, i) => drawAny(shape.with(front, size), seed + i)),
    build: (parts) => [t.concat(parts, axis)],
    reference: (parts) => [
      fill(
        shape.with(
          front,
          sizes.reduce((a, b) => a + b),
        ),
        (...index) => {
          let [part, at] = [0, index[front]!];
          while (at >= sizes[part]!) at -= sizes[part++]!;
          return parts[part]!.at(...index.with(front, at));
        },
      ),
    ],
  })),
};

const split: Entry = {
  cases: fc
    .tuple(parted, anyType, fc.boolean())
    .map(([{ shape, axis, front, sizes, seed }, drawAny, last]) => {
      const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
      // Without the last part, its gradient is absent.
      const used = sizes.slice(0, last || sizes.length === 1 ? sizes.length : -1);
      return {
        note: `into [${sizes}] along ${axis}`,
        args: [
          drawAny(
            shape.with(
              front,
              sizes.reduce((a, b) => a + b),
            ),
            seed,
          ),
        ],
        build: ([x]) => t.split(x!, axis, sizes).slice(0, used.length),
        reference: ([x]) =>
          used.map((size, part) =>
            fill(shape.with(front, size), (...i) => x!.at(...i.with(front, starts[part]! + i[front]!))),
          ),
      };
    }),
};

const reverse: Entry = {
  cases: shapes(1)
    .chain((shape) => fc.tuple(fc.constant(shape), seeds, anyType, fc.subarray(shape.map((_, a) => a))))
    .map(([shape, seed, drawAny, axes]) => ({
      note: `along [${axes}]`,
      args: [drawAny(shape, seed)],
      build: ([x]) => [t.reverse(x!, axes)],
      reference: ([x]) => [
        fill(shape, (...i) => x!.at(...i.map((n, a) => (axes.includes(a) ? shape[a]! - 1 - n : n)))),
      ],
    })),
};

export const movement = {
  reshape,
  transpose,
  expand,
  sum,
  slice,
  pad,
  concat,
  split,
  reverse,
} satisfies Partial<Record<OperatorName, Entry>>;

const sumTo: Entry = {
  cases: fc.tuple(broadcastShapes(2), seeds).map(([{ out, parts }, seed]) => ({
    note: `to [${parts[0]}]`,
    args: [draw(out, seed)],
    build: ([x]) => [t.sumTo(x!, parts[0]!)],
    reference: ([x]) => {
      const [to] = parts as [number[], number[]];
      const offset = out.length - to.length;
      const axes = out.map((_, axis) => axis).filter((axis) => axis < offset || to[axis - offset] === 1);
      return [new NdArray(to, addedUp(x!, axes, true).data)];
    },
  })),
};

/** Functions of this family that are composed of operators. */
export const movementFunctions = {
  sumTo,
  "transpose of the last two axes": {
    cases: fc.tuple(shapes(2), seeds).map(([shape, seed]) => ({
      args: [draw(shape, seed)],
      build: ([x]) => [t.transpose(x!)],
      reference: ([x]) => [
        fill([...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!], (...i) =>
          x!.at(...i.slice(0, -2), i.at(-1)!, i.at(-2)!),
        ),
      ],
    })),
  },
} satisfies Record<string, Entry>;
