/**
 * Feeds of a method with its pictures in another order. Everything that belongs to a picture moves with it.
 */
import type { Draw } from "../../src/objectives/draw.ts";
import { randomStream } from "../../src/random/random-stream.ts";
import { sizeOf, type Tensor, type TensorData } from "../../src/tensor/index.ts";
import { DRAW, MEMORY_INPUT } from "../../src/train/graph-names.ts";
import { type MethodGraph, madeUpValue } from "./method-graph.ts";

type Order = readonly number[];

/**
 * Names of the parts that have a row for each picture of the batch: each view separately (`view:pair.0`),
 * draws, rows of a bank, places in it.
 */
export function partsOf({ inputs, objective }: MethodGraph): string[] {
  return [...inputs.keys()].flatMap((name) => {
    const group = objective.views.find((candidate) => name === `view:${candidate.name}`);
    if (group !== undefined) return group.views.map((_, view) => `${name}.${view}`);
    if (drawOf(name, objective.draws)?.per === "picture" || isOfBank(name)) return [name];
    return [];
  });
}

const isOfBank = (name: string) => name.startsWith(MEMORY_INPUT.own) || name.startsWith(MEMORY_INPUT.places);

function drawOf(name: string, draws: readonly Draw[]): Draw | undefined {
  return draws.find((draw) => name === `${DRAW}${draw.name}`);
}

/**
 * Everything that is fed besides variables. Scheduled scalars are 0.5, draws are drawn.
 *
 * @param orderOf the picture at each place, for each of {@link partsOf}.
 */
export function feedsInOrder(
  graph: MethodGraph,
  orderOf: (part: string) => Order,
): Record<string, TensorData> {
  const { inputs, objective } = graph;
  const parts = partsOf(graph);
  return Object.fromEntries(
    [...inputs].map(([name, tensor]) => {
      const draw = drawOf(name, objective.draws);
      if (draw !== undefined) return [name, drawn(draw, graph.batchSize, orderOf(name))];
      if (name.startsWith("scalar:")) return [name, Float32Array.of(0.5)];
      const own = parts.filter((part) => part === name || part.startsWith(`${name}.`));
      return [name, moved(madeUpValue(name, tensor), tensor, own.map(orderOf))];
    }),
  );
}

/** The rows of each part in its order, one part after the other. */
function moved(data: TensorData, { shape }: Tensor, orders: readonly Order[]): TensorData {
  if (orders.length === 0) return data;
  const width = sizeOf(shape.slice(1));
  const from = orders.flatMap((order, part) => order.map((picture) => part * order.length + picture));
  return data.map((_, at) => data[from[Math.floor(at / width)]! * width + (at % width)]! as never);
}

/** A draw per picture gives each picture its own values in every order; a draw per part ignores the order. */
function drawn({ name, per, dtype, shape, fill }: Draw, batchSize: number, order: Order): TensorData {
  const size = sizeOf(shape(batchSize));
  const out = dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
  const width = size / batchSize;
  if (per === "part") fill(out, randomStream(1, name, 0, 0), -1);
  else
    for (const [place, picture] of order.entries())
      fill(out.subarray(place * width, (place + 1) * width), randomStream(1, name, 0, picture), picture);
  return out;
}
