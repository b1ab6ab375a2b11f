/** A signal that comes after the last check before a run begins, and before the first step. */
export function stopBeforeFirstStep(): AbortSignal {
  return Object.assign(AbortSignal.abort(), { throwIfAborted: () => {} });
}
