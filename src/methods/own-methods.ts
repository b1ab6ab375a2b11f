/** Methods of users, known by their names in this process. */
import { AfterimageError } from "../errors.ts";
import type { Method } from "../objectives/method.ts";

const OWN = new Map<string, Method>();

export function ownMethod(name: string): Method | undefined {
  return OWN.get(name);
}

export function ownMethodNames(): string[] {
  return [...OWN.keys()];
}

/** @param taken names of the catalogue. */
export function keepMethod(method: Method, taken: readonly string[]): void {
  if (taken.includes(method.name)) {
    throw new AfterimageError("usage/value", {
      what: "a method of your own has the name of one of the catalogue",
      where: "name",
      got: method.name,
      todo: "Give it another name, by which its runs are found again.",
    });
  }
  OWN.set(method.name, method);
}
