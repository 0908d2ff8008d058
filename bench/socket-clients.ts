import { fork, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopChild } from '../tools/services/children.js';
import type { Command, Report } from './socket-clients-process.js';

const script = join(dirname(fileURLToPath(import.meta.url)), 'socket-clients-process.js');
const COMPLETE_WITHIN_MILLISECONDS = 180_000;

/** Many clients with open sockets, in a separate process (socket-clients-process.ts). */
export class SocketClients {
  private readonly child: ChildProcess = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  /** Opens more sockets. Resolves when all are connected and in sync. */
  async open(url: string, patients: string[], dashboards: string[]): Promise<void> {
    const complete = this.complete();
    this.send({ kind: 'open', url, patients, dashboards });
    await complete;
  }

  /** Waits until all are connected and in sync; returns the time in epoch milliseconds. */
  async complete(): Promise<number> {
    const { at } = await this.next('complete');
    return at;
  }

  /** Forgets the latencies so far. */
  clearLatencies(): void {
    this.send({ kind: 'clear-latencies' });
  }

  /** Returns how long bookings took to reach the dashboards since `clearLatencies`, in milliseconds. */
  async latencies(): Promise<number[]> {
    const report = this.next('latencies');
    this.send({ kind: 'report-latencies' });
    return (await report).milliseconds;
  }

  async close(): Promise<void> {
    await stopChild(this.child, 'SIGKILL');
  }

  private send(command: Command): void {
    this.child.send(command);
  }

  private next<K extends Report['kind']>(kind: K): Promise<Extract<Report, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const end = (work: () => void) => (): void => {
        clearTimeout(timer);
        this.child.off('message', onReport);
        work();
      };
      const late = end(() => reject(new Error(`the process with the sockets did not report '${kind}' in time`)));
      const timer = setTimeout(late, COMPLETE_WITHIN_MILLISECONDS);
      const onReport = (report: Report): void => {
        if (report.kind === 'fault') end(() => reject(new Error(report.message)))();
        if (report.kind === kind) end(() => resolve(report as Extract<Report, { kind: K }>))();
      };
      this.child.on('message', onReport);
    });
  }
}
