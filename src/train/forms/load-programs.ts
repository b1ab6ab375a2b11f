/** Loading the programs of a step in parts. */
import { createSession, type Session, type SessionOptions } from "../../runtime/session.ts";
import type { Program } from "../../tensor/index.ts";

/** Session options that save memory, for steps that are split to save memory. */
export function sparing(session: SessionOptions): SessionOptions {
  return { ...session, memoryPlan: false };
}

export async function loadAll<K extends string>(
  programs: Readonly<Record<K, Program>>,
  options: SessionOptions,
): Promise<Record<K, Session>> {
  const sessions = {} as Record<K, Session>;
  for (const [name, program] of Object.entries<Program>(programs))
    sessions[name as K] = await createSession(program, options);
  return sessions;
}

export async function releaseAll(sessions: Readonly<Record<string, Session>>): Promise<void> {
  for (const session of Object.values(sessions)) await session.release();
}

/**
 * Programs that are loaded only while they are used, so that their memory and that of others is not needed at
 * the same time.
 */
export class LentPrograms<K extends string> {
  readonly #programs: Readonly<Record<K, Program>>;
  readonly #options: SessionOptions;
  readonly #kept: Partial<Record<string, Session>>;

  private constructor(
    programs: Readonly<Record<K, Program>>,
    options: SessionOptions,
    kept: Partial<Record<string, Session>>,
  ) {
    this.#programs = programs;
    this.#options = options;
    this.#kept = kept;
  }

  /**
   * @param light programs of fewer bytes stay loaded: loading them again would cost more than their memory is
   * worth.
   */
  static async of<K extends string>(
    programs: Readonly<Record<K, Program>>,
    options: SessionOptions,
    light: number,
  ): Promise<LentPrograms<K>> {
    const small = Object.entries<Program>(programs).filter(([, { peakBytes }]) => peakBytes < light);
    return new LentPrograms(programs, options, await loadAll(Object.fromEntries(small), options));
  }

  async lend<T>(name: K, use: (session: Session) => Promise<T>): Promise<T> {
    const kept = this.#kept[name];
    const session = kept ?? (await createSession(this.#programs[name], this.#options));
    try {
      return await use(session);
    } finally {
      if (session !== kept) await session.release();
    }
  }

  async release(): Promise<void> {
    await releaseAll(this.#kept as Record<string, Session>);
  }
}
