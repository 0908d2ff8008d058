import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../../src/core/kernel/id.js';
import type { Random } from '../simulation/random.js';
import { send, toBooking, type Reply, type Request } from '../support/send.js';
import { isSame, type KnownVisit, type StoredVisit, type VisitState } from './visits.js';

const REPEAT_AFTER_MILLISECONDS = 50;
const DONE_WITHIN_MILLISECONDS = 60_000;
const MAX_OPEN_VISITS = 3;

/** Where a patient books: a doctor whom no other patient of the load visits. */
export interface Practice {
  url: string;
  serviceId: string;
  doctorId: string;
  /** Start times, which all are free at the beginning. */
  starts: readonly string[];
}

/** A patient who books, moves and cancels, and repeats each request until it is answered. All answers are in its log. */
export class PatientClient {
  readonly visits: KnownVisit[] = [];
  /** Answers that a request of this patient cannot have. */
  readonly unexpected: string[] = [];
  acknowledged = 0;
  lastAcknowledgedAt = 0;
  private isStopped = false;
  /** Ends after `stop`. Rejects if a request is not answered in time. */
  readonly running: Promise<void>;

  constructor(
    private readonly practice: Practice,
    private readonly random: Random,
    private readonly token: string,
  ) {
    this.running = this.run();
    // It may be rejected before somebody waits for it.
    this.running.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  /** Continues from what is stored, after acknowledged changes were lost. */
  accept(stored: readonly StoredVisit[]): void {
    const byId = new Map(stored.map((visit) => [visit.id, visit]));
    const kept = this.visits.filter(({ id }) => byId.has(id));
    this.visits.splice(0, this.visits.length, ...kept);
    for (const visit of kept) {
      const state = byId.get(visit.id)?.state ?? null;
      if (!isSame(toState(visit), state)) visit.states.push({ state, at: performance.now() });
    }
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const open = this.visits.filter((visit) => toState(visit) !== null);
      const visit = this.random.pick(open);
      const start = this.random.pick(this.freeStarts(open));
      if (!visit || (open.length < MAX_OPEN_VISITS && this.random.below(2) === 0)) await this.book(start);
      else if (this.random.below(2) === 0) await this.cancel(visit);
      else await this.move(visit, start);
    }
  }

  private freeStarts(open: readonly KnownVisit[]): string[] {
    const taken = new Set(open.map((visit) => toState(visit)?.start));
    return this.practice.starts.filter((start) => !taken.has(Date.parse(start)));
  }

  private async book(startDateTime = ''): Promise<void> {
    const { serviceId, doctorId } = this.practice;
    const request = toBooking(this.token, newId(), { serviceId, doctorId, startDateTime });
    const reply = await this.untilAnswered(request);
    if (reply.status !== 201) return this.refuse('booking', reply);
    const visit: KnownVisit = { id: reply.data.id, states: [], pending: undefined };
    this.visits.push(visit);
    this.acknowledge(visit, { start: Date.parse(startDateTime) });
  }

  private async move(visit: KnownVisit, startDateTime = ''): Promise<void> {
    const target = { start: Date.parse(startDateTime) };
    visit.pending = target;
    const path = `appointments/${visit.id}`;
    const reply = await this.untilAnswered({ method: 'PUT', path, token: this.token, body: { startDateTime } });
    if (reply.status === 200) this.acknowledge(visit, target);
    else this.refuse('move', reply, visit);
  }

  /** An attempt without an answer may have cancelled it. */
  private async cancel(visit: KnownVisit): Promise<void> {
    visit.pending = null;
    const path = `appointments/${visit.id}`;
    const reply = await this.untilAnswered({ method: 'DELETE', path, token: this.token });
    if (reply.status === 200 || (reply.code === 'INVALID_TRANSITION' && reply.isRepeated))
      this.acknowledge(visit, null);
    else this.refuse('cancellation', reply, visit);
  }

  private acknowledge(visit: KnownVisit, state: VisitState): void {
    const at = performance.now();
    visit.states.push({ state, at });
    visit.pending = undefined;
    this.acknowledged += 1;
    this.lastAcknowledgedAt = at;
  }

  private refuse(what: string, { status, code }: Reply, visit?: KnownVisit): void {
    if (visit) visit.pending = undefined;
    this.unexpected.push(`${what}: ${status} ${code}`);
  }

  private async untilAnswered(request: Request): Promise<Reply & { isRepeated: boolean }> {
    const deadline = performance.now() + DONE_WITHIN_MILLISECONDS;
    for (let isRepeated = false; ; isRepeated = true) {
      const reply = await send(this.practice, request, (problem) => this.unexpected.push(problem));
      // With 503, the connection to the database may have been lost after the commit.
      if (reply && reply.status !== 503 && reply.code !== 'IDEMPOTENCY_IN_PROGRESS') return { ...reply, isRepeated };
      if (performance.now() > deadline) throw new Error(`${request.method} ${request.path} was not answered`);
      await pause(REPEAT_AFTER_MILLISECONDS);
    }
  }
}

const toState = (visit: KnownVisit): VisitState => visit.states.at(-1)?.state ?? null;
