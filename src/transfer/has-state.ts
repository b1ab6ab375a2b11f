import type { RunStore } from "../runs/run-store.ts";
import type { Trainer } from "../train/trainer.ts";

/** Whether the run has a state to continue from. */
export async function hasState(
  store: RunStore,
  { trainer }: { trainer: Pick<Trainer, "stored" | "config"> },
): Promise<boolean> {
  const lengths = new Map([...trainer.stored].map(([path, data]) => [path, data.length]));
  const expected = { lengths, pictures: trainer.config.data.fingerprint };
  return (await store.readState(expected, () => {})) !== null;
}
