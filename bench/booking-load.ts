import type { Bench } from './bench.js';
import type { LoadJob, LoadOutcome } from './load-job.js';
import { runInProcess } from './load-process.js';
import type { ServerProcess } from './servers.js';

/** The result of one run of bookings; `perSecond` counts bookings that were written. */
export interface BookingRun extends LoadOutcome {
  /** CPU time of the server process per booking, in microseconds. */
  cpuMicroseconds: number;
  /** Responses with another status than 201, connection errors and timeouts. */
  bad: number;
}

/** Books at one server. Every run uses other slots. */
export class BookingLoad {
  private next = 0;

  constructor(
    private readonly bench: Bench,
    private readonly server: ServerProcess,
  ) {}

  /** @param leadInSeconds time at the beginning that is not counted, in which connections are opened */
  async run(connections: number, seconds: number, leadInSeconds = 0): Promise<BookingRun> {
    const { secret, today } = this.bench;
    const { url, clients } = this.server;
    const before = await this.server.cpu();
    const job: LoadJob = {
      workload: 'book',
      url,
      seconds,
      leadInSeconds,
      connections,
      secret,
      today,
      clients,
      first: this.next,
    };
    const outcome = await runInProcess<LoadJob, LoadOutcome>('load.js', job);
    const used = (await this.server.cpu()) - before;
    this.next = outcome.next;
    await this.server.untilIdle();
    const { '201': booked = 0, ...others } = outcome.statuses;
    return {
      ...outcome,
      perSecond: (outcome.perSecond * booked) / outcome.count,
      cpuMicroseconds: (used * 1000) / (outcome.next - job.first),
      bad: outcome.count - booked + outcome.errors,
      faults: [...outcome.faults, ...Object.keys(others).map((status) => `status ${status}`)],
    };
  }
}
