import { createSession, type Feeds, type Results, type Session } from "../../src/runtime/session.ts";
import type { Program, TensorData } from "../../src/tensor/index.ts";

/**
 * Runs a program for its results, and once more in the same session, as training does step after step.
 *
 * @throws Error with the name of an output that has other bits in the second run: the session keeps
 * something.
 */
export async function runTwice(program: Program, feeds: Feeds): Promise<Results> {
  const session = await createSession(program);
  try {
    return await repeated(session, feeds);
  } finally {
    await session.release();
  }
}

/** The results of a session that gives them again after a run with other values. */
export async function repeated(session: Pick<Session, "run">, feeds: Feeds): Promise<Results> {
  const first = await session.run(feeds);
  const kept = Object.entries(first).map(([name, data]) => [name, Buffer.from(bitsOf(data))] as const);
  await session.run(backwards(feeds));
  const second = await session.run(feeds);
  for (const [name, bits] of kept)
    if (![first, second].every((results) => bits.equals(bitsOf(results[name]!))))
      throw new Error(`the output ${name} of one session is not the same in a second evaluation`);
  return first;
}

/** The feeds with their elements in reverse order: other values, but no index that is out of range. */
function backwards(feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, data.slice().reverse()]));
}

const bitsOf = ({ buffer, byteOffset, byteLength }: TensorData) =>
  new Uint8Array(buffer, byteOffset, byteLength);
