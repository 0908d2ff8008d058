import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../../src/core/kernel/id.js';
import type { Random } from '../simulation/random.js';
import { isReady } from '../support/readiness.js';
import { send, toBooking, type Reply, type Request } from '../support/send.js';
import type { Operation } from './checker.js';
import type { SlotsInput, SlotsOutput } from './slots-model.js';

const REPEAT_AFTER_MILLISECONDS = 50;
const SERVED_WITHIN_MILLISECONDS = 60_000;

/** The times of one doctor in a round. Two doctors have no hour in common, so that no patient is wanted at two places. */
export interface DoctorSlots {
  doctorId: string;
  starts: readonly string[];
}

/** An appointment that a client knows. */
export interface Visit {
  /** Its name in the history. */
  name: string;
  id: string;
  doctor: number;
}

/** What all clients of a round share. */
export interface Round {
  url: string;
  serviceId: string;
  day: string;
  doctors: readonly DoctorSlots[];
  /** Of each doctor. */
  histories: Operation<SlotsInput, SlotsOutput>[][];
  visits: Visit[];
  /** Answers that no operation may have. */
  unexpected: string[];
}

/** What a call did: `lost` has perhaps changed something; `refused` has not, and says nothing about the times. */
type CallResult = SlotsOutput | 'lost' | 'refused';

/** One user, who sends a request after the answer of the last one. Each call is a fact of the history. */
export class Client {
  constructor(
    private readonly round: Round,
    private readonly random: Random,
    private readonly token: string,
    /** The front desk also changes the visits of others, and books none. */
    private readonly role: 'PATIENT' | 'DESK',
    private readonly own: Visit[] = role === 'DESK' ? round.visits : [],
  ) {}

  /** Sends so many random requests, or fewer if the time is over. */
  async act(count: number, until: number): Promise<void> {
    for (let n = 0; n < count && performance.now() < until; n += 1) {
      const visit = this.random.pick(this.own);
      const dice = this.random.below(10);
      if (dice < 2) await this.listFree(this.random.below(this.round.doctors.length));
      else if (dice < 5 && this.role === 'PATIENT') await this.book(until);
      else if (!visit) continue;
      else if (dice < 6) await this.look(visit);
      else if (dice < 8) await this.cancel(visit);
      else await this.move(visit);
    }
  }

  listFree(doctor: number): Promise<unknown> {
    const { serviceId, day } = this.round;
    const { doctorId, starts } = this.getSlots(doctor);
    const path = `availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${day}&to=${day}`;
    return this.record(doctor, { kind: 'free' }, { method: 'GET', path }, ({ data }) => {
      const free = new Set((data as { startDateTime: string }[]).map(({ startDateTime }) => startDateTime));
      return { kind: 'listed', slots: starts.flatMap((start, index) => (free.has(start) ? [index] : [])) };
    });
  }

  look({ id, name, doctor }: Visit): Promise<unknown> {
    const request = { method: 'GET', path: `appointments/${id}` };
    return this.record(doctor, { kind: 'look', visit: name }, request, ({ data }) => {
      const { status, startDateTime } = data as { status: string; startDateTime: string };
      return {
        kind: 'seen',
        slot: status === 'CANCELLED' ? null : this.getSlots(doctor).starts.indexOf(startDateTime),
      };
    });
  }

  /** Without an answer, it sends the request again with the same Idempotency-Key. */
  private async book(until: number): Promise<void> {
    const key = newId();
    const doctor = this.random.below(this.round.doctors.length);
    const { doctorId, starts } = this.getSlots(doctor);
    const slot = this.random.below(starts.length);
    const { serviceId } = this.round;
    const request = toBooking(this.token, key, { serviceId, doctorId, startDateTime: starts[slot] as string });
    for (;;) {
      const input: SlotsInput = { kind: 'book', visit: key, slot };
      const output = await this.record(doctor, input, request, ({ data }) => {
        this.add({ name: key, id: (data as { id: string }).id, doctor });
        return { kind: 'done' };
      });
      if ((output !== 'lost' && output !== 'refused') || performance.now() > until) return;
      await pause(REPEAT_AFTER_MILLISECONDS);
    }
  }

  private async cancel(visit: Visit): Promise<void> {
    const { id, name, doctor } = visit;
    const input: SlotsInput = { kind: 'cancel', visit: name };
    const request = { method: 'DELETE', path: `appointments/${id}` };
    const output = await this.record(doctor, input, request, () => ({ kind: 'done' }));
    if (output === 'lost') await this.look(visit);
  }

  private async move(visit: Visit): Promise<void> {
    const { id, name, doctor } = visit;
    const { starts } = this.getSlots(doctor);
    const slot = this.random.below(starts.length);
    const request = { method: 'PUT', path: `appointments/${id}`, body: { startDateTime: starts[slot] } };
    const input: SlotsInput = { kind: 'move', visit: name, slot };
    const output = await this.record(doctor, input, request, () => ({ kind: 'done' }));
    if (output === 'lost') await this.look(visit);
  }

  private add(visit: Visit): void {
    this.own.push(visit);
    if (this.own !== this.round.visits) this.round.visits.push(visit);
  }

  private getSlots(doctor: number): DoctorSlots {
    return this.round.doctors[doctor] as DoctorSlots;
  }

  private async record(
    doctor: number,
    input: SlotsInput,
    request: Request,
    read: (reply: Reply) => SlotsOutput,
  ): Promise<CallResult> {
    const calledAt = performance.now();
    const reply = await send(this.round, { ...request, token: this.token }, (problem) =>
      this.round.unexpected.push(problem),
    );
    const answeredAt = performance.now();
    const result = this.interpret(`${request.method} ${request.path}`, reply, read);
    if (result === 'lost') await this.untilServed();
    if (result === 'refused') return result;
    // A read without an answer is no fact.
    if (result === 'lost' && request.method === 'GET') return result;
    const output = result === 'lost' ? undefined : result;
    const returnedAt = output ? answeredAt : Infinity;
    this.round.histories[doctor]?.push({ input, calledAt, returnedAt, output });
    return result;
  }

  /** While a killed process starts again, further requests would only be lost, too. */
  private async untilServed(): Promise<void> {
    const deadline = performance.now() + SERVED_WITHIN_MILLISECONDS;
    while (performance.now() < deadline) {
      await pause(REPEAT_AFTER_MILLISECONDS);
      if (await isReady(this.round.url)) return;
    }
  }

  private interpret(what: string, reply: Reply | null, read: (reply: Reply) => SlotsOutput): CallResult {
    // With 503, the connection to the database may have been lost after the commit.
    if (reply === null || reply.status === 503) return 'lost';
    if (reply.status < 300) return read(reply);
    if (reply.code === 'APPOINTMENT_CONFLICT') return { kind: 'taken' };
    if (reply.code === 'INVALID_TRANSITION') return { kind: 'gone' };
    if (reply.code !== 'IDEMPOTENCY_IN_PROGRESS') this.round.unexpected.push(`${what}: ${reply.status} ${reply.code}`);
    return 'refused';
  }
}
