/** Attributes of ONNX's operators as plain values, and what an operator set has, by ONNX's schema. */
import type { Attribute } from "./model.ts";
import { ONNX_OPERATORS } from "./operators.ts";

export type OnnxOperator = keyof typeof ONNX_OPERATORS;

interface ValueOfKind {
  int: number;
  float: number;
  string: string;
  ints: readonly number[];
  floats: readonly number[];
}
type Kinds<K extends OnnxOperator> = (typeof ONNX_OPERATORS)[K]["attributes"];

/** The attributes of an operator, each of the type that the schema says. */
export type AttributesOf<K extends OnnxOperator> = {
  readonly [A in keyof Kinds<K>]?: Kinds<K>[A] extends keyof ValueOfKind ? ValueOfKind[Kinds<K>[A]] : never;
};

/** What the schema says of an operator. */
interface Schema {
  readonly since?: number;
  readonly attributes: Readonly<Record<string, keyof ValueOfKind>>;
  readonly until?: Readonly<Record<string, number>>;
}

/** Whether an operator set has an operator, and an attribute of it if one is named. */
export function isInOpset(opset: number, operator: OnnxOperator, attribute?: string): boolean {
  const { since = 0, attributes, until = {} }: Schema = ONNX_OPERATORS[operator];
  if (opset < since) return false;
  if (attribute === undefined) return true;
  return Object.hasOwn(attributes, attribute) && opset <= (until[attribute] ?? opset);
}

/**
 * Attributes with their kinds, as a model has them.
 *
 * @throws Error for an operator or attribute that the operator set does not have: a bug here.
 */
export function withKinds<K extends OnnxOperator>(
  opset: number,
  operator: K,
  attributes: AttributesOf<K>,
): Record<string, Attribute> {
  const { attributes: kinds }: Schema = ONNX_OPERATORS[operator];
  const entries = Object.entries<unknown>(attributes).map(([name, value]) => {
    const kind = kinds[name];
    if (kind === undefined || !isInOpset(opset, operator, name))
      throw new Error(`${operator} has no attribute ${name} in opset ${opset}`);
    return [name, { [kind]: value } as unknown as Attribute] as const;
  });
  if (!isInOpset(opset, operator)) throw new Error(`there is no operator ${operator} in opset ${opset}`);
  return Object.fromEntries(entries);
}
