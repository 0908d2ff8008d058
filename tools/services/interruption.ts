/** The process got SIGINT or SIGTERM. */
export class Interrupted extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupted';
  }
}

/**
 * Rejects with Interrupted when the process gets SIGINT or SIGTERM, which no longer end it. Call it before services are started: Ctrl-C
 * does not reach them (see `startChild`), so this process must stop them.
 */
export function untilInterrupted(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => reject(new Interrupted(signal)));
  });
  // It may be rejected before somebody waits for it.
  interrupted.catch(() => undefined);
  return interrupted;
}
