import { setTimeout as pause } from 'node:timers/promises';

/** Repeats a check until it succeeds, for effects of other processes and timers. @throws the last failure after `withinMs` */
export async function eventually<T>(ask: () => Promise<T>, withinMs = 20_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(25);
    }
  }
}
