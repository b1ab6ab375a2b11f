/** A signal as if it came between the last look before a run begins and the first step. */
export function stopBeforeFirstStep(): AbortSignal {
  return Object.assign(AbortSignal.abort(), { throwIfAborted: () => {} });
}
