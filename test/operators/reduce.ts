/** Uses of the reductions, of softmax, and of the operators that select by order or by index. */
import * as t from "afterimage/tensor";
import { apply1, type OperatorName, type Tensor } from "afterimage/tensor";
import fc from "fast-check";
import { axisOf, type Draw, distinct, fromFront, integers, seeds, shapes, uniform } from "../support/draw.ts";
import type { Case } from "../support/gradcheck.ts";
import { fill, indicesOf, NdArray, total } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

const draw = uniform(-2, 2);

type Reduction = (x: Tensor, axes?: readonly number[], keepDims?: boolean) => Tensor;

function reduction(build: Reduction, f: (values: number[]) => number, drawn: Draw): Entry {
  return {
    cases: shapes(1)
      .chain((shape) => {
        const all = shape.map((_, axis) => axis);
        return fc.tuple(
          fc.constant(shape),
          seeds,
          fc.option(fc.subarray(all, { minLength: 1 })),
          fc.boolean(),
        );
      })
      .map(([shape, seed, some, keepDims]) => {
        const axes = some ?? shape.map((_, axis) => axis);
        return {
          note: `over ${some ? `[${some}]` : "all"}${keepDims ? ", kept" : ""}`,
          args: [drawn(shape, seed)],
          build: ([x]) => [build(x!, some ?? undefined, keepDims)],
          reference: ([x]) => [reduced(x!, axes, keepDims, f)],
        };
      }),
  };
}

function reduced(x: NdArray, axes: readonly number[], keepDims: boolean, f: (values: number[]) => number) {
  const kept = fill(
    x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    (...to) =>
      f(
        indicesOf(x.shape)
          .filter((from) => to.every((n, a) => axes.includes(a) || n === from[a]))
          .map((i) => x.at(...i)),
      ),
  );
  return keepDims
    ? kept
    : new NdArray(
        x.shape.filter((_, axis) => !axes.includes(axis)),
        kept.data,
      );
}

const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
const logSum = (values: number[]) => Math.log(values.reduce((s, value) => s + Math.exp(value), 0));

/** The elements that differ from `index` only along `axis`. */
const lane = (x: NdArray, index: readonly number[], axis: number) =>
  Array.from({ length: x.shape[axis]! }, (_, n) => x.at(...index.with(axis, n)));

const shapeAndAxis = shapes(1).chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape.length), seeds));

function alongAxis(
  build: (x: Tensor, axis: number) => Tensor,
  f: (x: number, lane: number[]) => number,
): Entry {
  return {
    cases: shapeAndAxis.map(([shape, axis, seed]) => ({
      note: `along ${axis}`,
      args: [draw(shape, seed)],
      build: ([x]) => [build(x!, axis)],
      reference: ([x]) => [fill(shape, (...i) => f(x!.at(...i), lane(x!, i, fromFront(axis, shape.length))))],
    })),
  };
}

const argmax: Entry = {
  cases: fc
    .tuple(shapeAndAxis, fc.constantFrom(distinct, integers(0, 2, "float32")))
    .map(([[shape, axis, seed], drawn]) => ({
      note: `along ${axis}`,
      args: [drawn(shape, seed)],
      build: ([x]) => [t.argmax(x!, axis)],
      reference: ([x]) => {
        const front = fromFront(axis, shape.length);
        return [
          fill(
            shape.filter((_, a) => a !== front),
            (...i) => {
              const values = lane(x!, i.toSpliced(front, 0, 0), front);
              return values.indexOf(Math.max(...values));
            },
          ),
        ];
      },
    })),
};

const topK: Entry = {
  cases: shapeAndAxis
    .chain(([shape, axis, seed]) =>
      fc.tuple(
        fc.constant({ shape, axis, front: fromFront(axis, shape.length), seed }),
        fc.integer({ min: 1, max: shape[fromFront(axis, shape.length)]! }),
        fc.boolean(),
      ),
    )
    .map(([{ shape, axis, front, seed }, k, largest]) => ({
      note: `${k} ${largest ? "largest" : "smallest"} along ${axis}`,
      args: [distinct(shape, seed)],
      build: ([x]) => {
        const { values, indices } = t.topK(x!, k, axis, largest);
        return [values, indices];
      },
      reference: ([x]) => {
        const ranked = (i: readonly number[]) =>
          lane(x!, i, front)
            .map((value, place) => ({ value, place }))
            .sort((a, b) => (largest ? b.value - a.value : a.value - b.value))[i[front]!]!;
        const out = shape.with(front, k);
        return [fill(out, (...i) => ranked(i).value), fill(out, (...i) => ranked(i).place)];
      },
    })),
};

/** int32 or int64 indices, counted from either end. Some repeat if there are more of them than `count`. */
const places = (count: number) =>
  fc.constantFrom<Draw>(integers(-count, count - 1, "int64"), integers(-count, count - 1, "int32"));

const fromEnd = (place: number, count: number) => (place < 0 ? place + count : place);

const gather: Entry = {
  cases: shapeAndAxis
    .chain(([shape, axis, seed]) => {
      const front = fromFront(axis, shape.length);
      return fc.tuple(fc.constant({ shape, axis, front, seed }), shapes(0, 2), places(shape[front]!));
    })
    .map(([{ shape, axis, front, seed }, picked, drawPlaces]) => ({
      note: `along ${axis}`,
      args: [draw(shape, seed), drawPlaces(picked, seed + 1)],
      build: ([x, i]) => [t.gather(x!, i!, axis)],
      reference: ([x, i]) => [
        fill(shape.toSpliced(front, 1, ...picked), (...to) => {
          const place = fromEnd(i!.at(...to.slice(front, front + picked.length)), shape[front]!);
          return x!.at(...to.toSpliced(front, picked.length, place));
        }),
      ],
    })),
};

const alongCases = shapeAndAxis.chain(([shape, axis, seed]) => {
  const front = fromFront(axis, shape.length);
  return fc.record({
    shape: fc.constant(shape),
    axis: fc.constant(axis),
    front: fc.constant(front),
    seed: fc.constant(seed),
    count: fc.integer({ min: 1, max: 5 }),
    drawPlaces: places(shape[front]!),
  });
});

const gatherAlong: Entry = {
  cases: alongCases.map(({ shape, axis, front, seed, count, drawPlaces }) => ({
    note: `along ${axis}`,
    args: [draw(shape, seed), drawPlaces(shape.with(front, count), seed + 1)],
    build: ([x, i]) => [t.gatherAlong(x!, i!, axis)],
    reference: ([x, i]) => [
      fill(i!.shape, (...to) => x!.at(...to.with(front, fromEnd(i!.at(...to), shape[front]!)))),
    ],
  })),
};

const scatterAddAxis: Entry = {
  cases: alongCases.map(({ shape, axis, front, seed, count, drawPlaces }) => ({
    note: `along ${axis}`,
    args: [
      draw(shape, seed),
      drawPlaces(shape.with(front, count), seed + 1),
      draw(shape.with(front, count), seed + 2),
    ],
    build: ([base, i, x]) => [apply1(t.OPERATORS.scatterAddAxis, [base!, i!, x!], front)],
    reference: ([base, i, x]) => [
      fill(
        shape,
        (...to) =>
          total(count, (n) =>
            fromEnd(i!.at(...to.with(front, n)), shape[front]!) === to[front]
              ? x!.at(...to.with(front, n))
              : 0,
          ) + base!.at(...to),
      ),
    ],
  })),
};

function scatterRowsCase(shape: number[], count: number, seed: number): Case {
  return {
    args: [
      draw(shape, seed),
      integers(-shape[0]!, shape[0]! - 1, "int64")([count], seed + 1),
      draw(shape.with(0, count), seed + 2),
    ],
    build: ([base, i, rows]) => [apply1(t.OPERATORS.scatterAddRows, [base!, i!, rows!], null)],
    reference: ([base, i, rows]) => [
      fill(shape, (row, ...rest) => {
        const here = (n: number) => i!.at(n) === row || i!.at(n) + shape[0]! === row;
        return total(count, (n) => (here(n) ? rows!.at(n, ...rest) : 0)) + base!.at(row!, ...rest);
      }),
    ],
  };
}

const scatterAddRows: Entry = {
  cases: fc
    .tuple(shapes(1), fc.integer({ min: 1, max: 6 }), seeds)
    .map(([shape, count, seed]) => scatterRowsCase(shape, count, seed)),
  // For so many places, the rows are not added by a product.
  examples: [scatterRowsCase([1100, 2], 5, 1), scatterRowsCase([1100], 7, 2)],
};

export const reduce = {
  mean: reduction(t.mean, average, draw),
  max: reduction(t.max, (values) => Math.max(...values), distinct),
  min: reduction(t.min, (values) => Math.min(...values), distinct),
  argmax,
  topK,
  softmax: alongAxis(t.softmax, (x, values) => Math.exp(x - logSum(values))),
  logSoftmax: alongAxis(t.logSoftmax, (x, values) => x - logSum(values)),
  gather,
  gatherAlong,
  scatterAddRows,
  scatterAddAxis,
} satisfies Partial<Record<OperatorName, Entry>>;

/** Functions of this family that are composed of operators. */
export const reduceFunctions = {
  logSumExp: reduction(t.logSumExp, logSum, draw),
} satisfies Record<string, Entry>;
