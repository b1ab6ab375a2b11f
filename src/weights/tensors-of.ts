import { TorchTensor } from "../formats/index.ts";

/** Checkpoints have their networks within a few levels of dictionaries. */
const DEEPEST = 8;

/**
 * All tensors of what a PyTorch file holds, by the keys of the dictionaries they are in, joined by points. A
 * dictionary that is there twice is looked into once.
 */
export function tensorsOf(value: unknown): Map<string, TorchTensor> {
  const found = new Map<string, TorchTensor>();
  const seen = new Set<unknown>();
  const visit = (inner: unknown, path: readonly string[]): void => {
    if (inner instanceof TorchTensor) found.set(path.join("."), inner);
    if (!(inner instanceof Map) || path.length === DEEPEST || seen.has(inner)) return;
    seen.add(inner);
    for (const [key, member] of inner) if (isKey(key)) visit(member, [...path, `${key}`]);
  };
  visit(value, []);
  return found;
}

function isKey(key: unknown): key is string | number {
  return typeof key === "string" || typeof key === "number";
}
