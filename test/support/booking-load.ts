import { eventually } from './eventually.js';
import type { Answer, TestApp, TestPatient } from './app.js';
import type { BookableService } from './slots.js';

/**
 * Patients who book, read and cancel until they are stopped. The requests of each go to all servers in turn, so that one server reads
 * and cancels what another one booked. Each patient has their own slot: every request must succeed.
 */
export class BookingLoad {
  readonly failures: string[] = [];
  private readonly finished: number[];
  private readonly runs: Promise<void>[];
  private isStopped = false;

  /** @param urls the servers; it may change during the load */
  constructor(
    private readonly app: TestApp,
    private readonly service: BookableService,
    patients: TestPatient[],
    public urls: string[],
  ) {
    this.finished = patients.map(() => 0);
    this.runs = patients.map((patient, index) => this.run(patient, index));
  }

  /** Waits until each patient has finished this many more rounds. */
  async waitForRounds(count: number): Promise<void> {
    const before = [...this.finished];
    // One more, because a round may have started before the call.
    const isDone = () => this.finished.every((rounds, index) => rounds > (before[index] ?? 0) + count);
    await eventually(async () => {
      if (!isDone()) throw new Error(`The load does not go on. Failures: ${this.failures.slice(0, 5).join('; ')}`);
    }, 100_000);
  }

  /** @returns what failed */
  async stop(): Promise<string[]> {
    this.isStopped = true;
    await Promise.all(this.runs);
    return this.failures;
  }

  private async run({ token }: TestPatient, index: number): Promise<void> {
    const { serviceId, doctorId, slots } = this.service;
    const startDateTime = slots[index * 3];
    const day = startDateTime?.slice(0, 10);
    const availability = `/api/v1/availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${day}&to=${day}`;
    for (let turn = index; !this.isStopped; turn += 1) {
      const server = (step: number): string => this.urls[(turn + step) % this.urls.length] as string;
      const body = { serviceId, doctorId, startDateTime };
      const booked = await this.send(201, 'POST', `${server(0)}/api/v1/appointments`, token, body);
      if (booked) {
        const path = `/api/v1/appointments/${booked.data.id}`;
        await this.send(200, 'GET', server(1) + path, token);
        await this.send(200, 'GET', `${server(0)}/api/v1/appointments`, token);
        await this.send(200, 'GET', server(1) + availability);
        await this.send(200, 'DELETE', server(1) + path, token);
      }
      this.finished[index] = (this.finished[index] ?? 0) + 1;
    }
  }

  private async send(
    expected: number,
    method: string,
    url: string,
    token?: string,
    body?: object,
  ): Promise<Answer | null> {
    try {
      const answer = await this.app.call(method, url, { ...(token && { token }), ...(body && { body }) });
      if (answer.status === expected) return answer;
      this.failures.push(`${method} ${url}: ${answer.status} ${answer.code}`);
    } catch (error) {
      this.failures.push(`${method} ${url}: ${String(error)}`);
    }
    return null;
  }
}
