import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestApp } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { Random } from '../simulation/random.js';
import { checkLinearizability, type Operation } from './checker.js';
import { Client, type DoctorSlots, type Round } from './client.js';
import { slotsModel, type SlotsInput, type SlotsOutput } from './slots-model.js';

const PATIENTS = 5;
/** Few times, so that everybody wants the same ones. */
const SLOTS = 3;
const FIRST_DAY = 3;
const LAST_DAY = 360;

export interface RoundOptions {
  seed: number;
  /** The requests of each client, and how long it sends them at most. */
  requests: number;
  seconds: number;
  /** Disturbs the clients until the signal. */
  disturb: (random: Random, signal: AbortSignal) => Promise<void>;
  /** Ends all disturbances. */
  heal: () => Promise<void>;
}

export interface RoundResult {
  operations: number;
  unanswered: number;
  violations: string[];
}

/** A clinic whose doctors have few times, and a new day for each round. */
export class Histories {
  private rounds = 0;

  private constructor(
    private readonly app: TestApp,
    private readonly clinic: TestClinic,
    private readonly serviceId: string,
  ) {}

  static async open(app: TestApp): Promise<Histories> {
    const clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365 } });
    return new Histories(app, clinic, await aService(app, clinic));
  }

  /** Concurrent clients use the API at this address. At the end, each appointment and the free times are read once more. */
  async run(url: string, { seed, requests, seconds, disturb, heal }: RoundOptions): Promise<RoundResult> {
    const round = this.newRound(url);
    const patients = await this.app.patients(PATIENTS);
    const clients = [
      ...patients.map(({ token }, index) => new Client(round, new Random(seed * 100 + index), token, 'PATIENT')),
      new Client(round, new Random(seed * 100 + PATIENTS), this.clinic.staff, 'DESK'),
    ];
    const until = performance.now() + seconds * 1_000;
    const end = new AbortController();
    const disturbed = disturb(new Random(seed * 100 + 99), end.signal);
    // It may be rejected before somebody waits for it.
    disturbed.catch(() => undefined);
    await Promise.all(clients.map((client) => client.act(requests, until)));
    end.abort();
    await disturbed;
    await heal();
    const reader = new Client(round, new Random(0), this.clinic.staff, 'DESK');
    for (const visit of [...round.visits]) await reader.look(visit);
    for (const doctor of round.doctors.keys()) await reader.listFree(doctor);
    return toResult(round);
  }

  private newRound(url: string): Round {
    const day = FIRST_DAY + (this.rounds % (LAST_DAY - FIRST_DAY));
    this.rounds += 1;
    const doctors = this.clinic.doctorIds.map((doctorId, index): DoctorSlots => {
      const hours = Array.from({ length: SLOTS }, (_, slot) => 2 + index * SLOTS + slot);
      return { doctorId, starts: hours.map((hour) => at(day, `${String(hour).padStart(2, '0')}:00`)) };
    });
    const histories = doctors.map(() => []);
    const { serviceId } = this;
    return {
      url: new URL(url).origin,
      serviceId,
      day: at(day).slice(0, 10),
      doctors,
      histories,
      visits: [],
      unexpected: [],
    };
  }
}

function toResult({ histories, unexpected }: Round): RoundResult {
  const all = histories.flat();
  return {
    operations: all.length,
    unanswered: all.filter(({ output }) => output === undefined).length,
    violations: [...unexpected, ...histories.flatMap(explain)],
  };
}

function explain(history: Operation<SlotsInput, SlotsOutput>[], doctor: number): string[] {
  const verdict = checkLinearizability(slotsModel(SLOTS), joinRepetitions(history));
  if (verdict.isLinearizable) return [];
  const print = ({ calledAt, returnedAt, input, output }: Operation<SlotsInput, SlotsOutput>): string =>
    `  ${calledAt.toFixed(2)} to ${returnedAt.toFixed(2)}: ${JSON.stringify(input)} ${JSON.stringify(output)}`;
  const lines = [...history].sort((a, b) => a.calledAt - b.calledAt).map(print);
  return [
    `doctor ${doctor}: no order explains more than ${verdict.explained} of ${history.length} operations; stuck at\n` +
      `${verdict.stuck.map(print).join('\n')}\nthe history:\n${lines.join('\n')}`,
  ];
}

/**
 * A booking that was sent again with its key until it was done is one operation, which began with the first attempt. To search for the
 * effect of each attempt would take much longer.
 */
function joinRepetitions(history: readonly Operation<SlotsInput, SlotsOutput>[]): Operation<SlotsInput, SlotsOutput>[] {
  const attempts = new Map<string, Operation<SlotsInput, SlotsOutput>[]>();
  const others: Operation<SlotsInput, SlotsOutput>[] = [];
  for (const operation of history) {
    const { input } = operation;
    if (input.kind === 'book') attempts.set(input.visit, [...(attempts.get(input.visit) ?? []), operation]);
    else others.push(operation);
  }
  const booked = [...attempts.values()].flatMap((all) => {
    const last = all.at(-1);
    if (last?.output?.kind !== 'done') return all;
    return [{ ...last, calledAt: Math.min(...all.map(({ calledAt }) => calledAt)) }];
  });
  return [...others, ...booked];
}

/** Repeats a disturbance after random pauses. */
export async function repeatedly(
  { random, signal, from, to }: { random: Random; signal: AbortSignal; from: number; to: number },
  disturb: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await pause(from + random.below(to - from), undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await disturb();
  }
}
