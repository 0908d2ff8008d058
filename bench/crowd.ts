import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './socket-crowd.js';

const script = join(dirname(fileURLToPath(import.meta.url)), 'socket-crowd.js');
const COMPLETE_WITHIN_MILLISECONDS = 180_000;

/** Many clients with open sockets, in a separate process. */
export class Crowd {
  private readonly child: ChildProcess = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  /** Opens more sockets. Resolves when all are connected and in sync. */
  async open(url: string, patients: string[], dashboards: string[]): Promise<void> {
    const complete = this.complete();
    this.order({ kind: 'open', url, patients, dashboards });
    await complete;
  }

  /** Waits until all are connected and in sync; returns the time in epoch milliseconds. */
  async complete(): Promise<number> {
    const { at } = await this.next('complete');
    return at;
  }

  forget(): void {
    this.order({ kind: 'forget' });
  }

  /** The delays of bookings at the dashboards since `forget`, in milliseconds. */
  async latencies(): Promise<number[]> {
    const told = this.next('latencies');
    this.order({ kind: 'tell' });
    return (await told).milliseconds;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private order(order: Order): void {
    this.child.send(order);
  }

  private next<K extends Report['kind']>(kind: K): Promise<Extract<Report, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const end = (work: () => void) => (): void => {
        clearTimeout(timer);
        this.child.off('message', onReport);
        work();
      };
      const late = end(() => reject(new Error(`the sockets were not ${kind} in time`)));
      const timer = setTimeout(late, COMPLETE_WITHIN_MILLISECONDS);
      const onReport = (report: Report): void => {
        if (report.kind === 'fault') end(() => reject(new Error(report.message)))();
        if (report.kind === kind) end(() => resolve(report as Extract<Report, { kind: K }>))();
      };
      this.child.on('message', onReport);
    });
  }
}
