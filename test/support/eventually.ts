import { setTimeout as pause } from 'node:timers/promises';

/** The result of a promise that may never settle. @throws Error naming what was waited for, after `withinMs` */
export async function within<T>(what: string, promise: Promise<T>, withinMs = 50_000): Promise<T> {
  const cancel = new AbortController();
  const late = pause(withinMs, undefined, { signal: cancel.signal }).then(() => {
    throw new Error(`waited ${withinMs} ms for ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel.abort();
    late.catch(() => undefined);
  }
}

/** Repeats a check until it succeeds, for effects of other processes and timers. @throws the last failure after `withinMs` */
export async function eventually<T>(ask: () => Promise<T>, withinMs = 50_000): Promise<T> {
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
