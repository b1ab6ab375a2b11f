/** Receptive fields layer by layer, as they are reported. */
import type { Shape, Tensor } from "../../tensor/index.ts";
import type { AxisField, Branch } from "./branch.ts";
import type { Whole } from "./map-state.ts";
import { receptiveFields } from "./receptive-fields.ts";

/** What is known of one result on the way through a network. */
export interface LabelledField {
  /** The path of the layer that it is of. */
  layer: string;
  /** Null where it is not known. */
  shape: Shape | null;
  branches: readonly Branch[];
  whole: readonly Whole[];
}

export interface LayerField {
  layer: string;
  shape: Shape | null;
  /**
   * The fields of the branch that sees most, one for each axis; null if places see only the whole picture.
   */
  fields: readonly AxisField[] | null;
  /** All branches with different fields, those that see most first. */
  branches: readonly { fields: readonly AxisField[]; layers: readonly string[] }[];
  /** Where places began to see the whole picture, beside their field. */
  whole: readonly Whole[];
}

/** {@link receptiveFields}, with the layers that they are of. */
export function labelledFields(outputs: readonly Tensor[], picture: Tensor): LabelledField[] {
  const fields = receptiveFields(outputs, picture).filter(({ tensor }) => isResult(tensor));
  return fields.map(({ tensor, state: { branches, whole } }) => ({
    layer: tensor.node.label,
    shape: tensor.shape,
    branches,
    whole,
  }));
}

/** Other outputs than the first are parts, or by-products such as the statistics of a norm. */
function isResult({ index, node }: Tensor): boolean {
  return index === 0 || node.operator.name === "split";
}

/**
 * The fields at the end of each layer that changes them, in the order of the network.
 *
 * @param within a layer, to see those in it; by default the outermost ones.
 */
export function fieldsByLayer(fields: readonly LabelledField[], within = ""): LayerField[] {
  const last = new Map<string, LabelledField>();
  for (const field of fields) {
    const name = nameWithin(field.layer, within);
    if (name === null) continue;
    last.delete(name); // a layer that is used again ends here
    last.set(name, field);
  }
  const rows = [...last].map(([layer, field]) => ({ key: keyOf(field), row: rowOf(layer, field) }));
  return rows.filter(({ key }, i) => key !== rows[i - 1]?.key || i === rows.length - 1).map(({ row }) => row);
}

/** Where a path divides: `layer1.0.conv1`, and in other programs' models `layer1/layer1.0/conv1`. */
const DIVIDERS = /[./]/;

/** The layer next inside of another one, null for a path that is not in it. */
function nameWithin(path: string, within: string): string | null {
  if (path === "" || (within !== "" && path !== within && !isIn(path, within))) return null;
  const rest = path.slice(within.length);
  const end = rest.slice(1).search(DIVIDERS);
  return end < 0 ? path : path.slice(0, within.length + 1 + end);
}

/** Whether a path is that of a layer in another one. */
export function isIn(path: string, within: string): boolean {
  return path.startsWith(within) && DIVIDERS.test(path.charAt(within.length));
}

function keyOf({ branches, whole }: LabelledField): string {
  return [...branches.map(({ key }) => key), whole.map(({ layer }) => layer)].join("|");
}

function rowOf(layer: string, { shape, branches, whole }: LabelledField): LayerField {
  const ordered = branches.toSorted((a, b) => b.area - a.area);
  const listed = ordered.map(({ fields, steps }) => ({ fields, layers: steps.map((step) => step.layer) }));
  return { layer, shape, fields: listed[0]?.fields ?? null, branches: listed, whole };
}
