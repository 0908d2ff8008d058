import { Zone } from '../../src/core/kernel/zone.js';
import { TestApp, type Answer } from '../support/app.js';
import type { TestClinic } from '../support/clinic.js';
import type { SettableClock } from '../support/settable-clock.js';
import { SmtpSink } from '../support/smtp-sink.js';
import type { Random } from './random.js';
import {
  CLOSES_AT_MINUTE,
  createPatients,
  createServices,
  createStaff,
  openSimulatedClinic,
  STEP_MINUTES,
  type SimulatedActor,
  type SimulatedService,
} from './setup.js';

export type { SimulatedActor, SimulatedService } from './setup.js';
export const MINUTE = 60_000;

/** A time that is kept for somebody. */
export interface HeldTime {
  id: string;
  serviceId: string;
  doctorId: string;
  resourceIds: string[];
  start: number;
  expiresAt: number;
}

/** A hold that was answered with 201, until it is booked or given back. */
export interface KnownHold extends HeldTime {
  owner: SimulatedActor;
}

/** Closed hours of the day. */
export interface KnownClosure {
  /** The address to open them again. */
  path: string;
  /** Null: the whole clinic. */
  doctorId: string | null;
  start: number;
  end: number;
}

/** A change of a visit that an answer has confirmed. */
export interface ConfirmedChange {
  appointmentId: string;
  kind: string;
  version: number;
}

interface Day {
  /** A local day of the clinic, YYYY-MM-DD. */
  date: string;
  timeZone: string;
  /** Actions that run at the same time. */
  burst: number;
}

/** The clinic of the simulation: who acts, what they know, and what they expect. */
export class World {
  readonly holds: KnownHold[] = [];
  readonly closures: KnownClosure[] = [];
  /** The ids of holds that an action of this burst is about. */
  readonly takenHolds = new Set<string>();
  /** The changes that answers of this burst have confirmed, about each of which a patient must be told. */
  readonly confirmed: ConfirmedChange[] = [];
  /** The visits that were booked with each referral. */
  readonly visitsOfReferral = new Map<string, Set<string>>();
  /** How often each action had each outcome. */
  readonly tally = new Map<string, number>();
  readonly problems: string[] = [];

  private constructor(
    readonly app: TestApp,
    readonly clock: SettableClock,
    readonly smtp: SmtpSink,
    readonly clinic: TestClinic,
    readonly services: SimulatedService[],
    readonly actors: SimulatedActor[],
    readonly zone: Zone,
    readonly date: string,
    /** Whether one action runs at a time, so that the same seed makes the same day. */
    readonly repeats: boolean,
  ) {}

  static async open(clock: SettableClock, { date, timeZone, burst }: Day): Promise<World> {
    const zone = Zone.of(timeZone);
    clock.set(new Date(zone.startOfDay(date)).toISOString());
    const smtp = new SmtpSink();
    await smtp.start();
    const environment = { JWT_EXPIRES_IN: '9000h', SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false' };
    const app = await TestApp.start(environment, undefined, clock);
    const clinic = await openSimulatedClinic(app, timeZone);
    const services = await createServices(app, clinic);
    const actors = [...(await createPatients(app, clinic)), ...(await createStaff(app, clinic))];
    return new World(app, clock, smtp, clinic, services, actors, zone, date, burst === 1);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.smtp.close();
  }

  get now(): number {
    return this.clock.now();
  }

  get openAt(): number {
    return this.zone.startOfDay(this.date);
  }

  get closeAt(): number {
    return this.getClosing(this.date);
  }

  /** The end of the hours: noon on the clock of the clinic. */
  getClosing(day: string): number {
    return this.zone.getInstants(day, CLOSES_AT_MINUTE)[0] as number;
  }

  /** The day of the simulation and the next one, on which patients have few visits. */
  get days(): string[] {
    return [this.date, this.nextDay];
  }

  get nextDay(): string {
    return this.zone.addDays(this.date, 1);
  }

  /** The starts of the slot grid of a day. */
  getGrid(day: string): number[] {
    const start = this.zone.startOfDay(day);
    const count = Math.floor((this.getClosing(day) - start) / (STEP_MINUTES * MINUTE));
    return Array.from({ length: count }, (_, index) => start + index * STEP_MINUTES * MINUTE);
  }

  /** Those of the day that are not over. */
  get upcomingGrid(): number[] {
    return this.getGrid(this.date).filter((at) => at >= this.now);
  }

  /** A start on the day, or sometimes on the next. */
  pickStart(random: Random): number | undefined {
    return random.pick(random.next() < 0.3 ? this.getGrid(this.nextDay) : this.upcomingGrid);
  }

  get patients(): SimulatedActor[] {
    return this.withRole('CLIENT');
  }

  get desk(): SimulatedActor[] {
    return this.withRole('STAFF');
  }

  get doctors(): SimulatedActor[] {
    return this.withRole('DOCTOR');
  }

  get manager(): SimulatedActor {
    return this.withRole('MANAGER')[0] as SimulatedActor;
  }

  /** Who reads everything for the checks. */
  get reader(): SimulatedActor {
    return this.desk[0] as SimulatedActor;
  }

  isOnDay(start: number): boolean {
    return this.zone.toDay(start) === this.date;
  }

  service(id: string): SimulatedService {
    const service = this.services.find((one) => one.id === id);
    if (!service) throw new Error(`no service ${id}`);
    return service;
  }

  /** The patient and their guardian. */
  getAccounts(patientId: string): SimulatedActor[] {
    return this.patients.filter(({ clientId, childId }) => clientId === patientId || childId === patientId);
  }

  call(actor: SimulatedActor, method: string, path: string, body?: object): Promise<Answer> {
    return this.app.call(method, `/api/v1/${path}`, { token: actor.token, body });
  }

  /** Reads for the checks, after each burst: without comparing the answer with openapi.json, as `call` does for the actions. */
  async read(path: string): Promise<any> {
    const headers = { authorization: `Bearer ${this.reader.token}` };
    const response = await fetch(`${this.app.url}/api/v1/${path}`, { headers });
    if (!response.ok) throw new Error(`${path} returned ${response.status}`);
    return ((await response.json()) as { data: unknown }).data;
  }

  /** The requests of a race: at the same time; one after the other if the day is to repeat. */
  async race(requests: readonly (() => Promise<Answer>)[]): Promise<Answer[]> {
    if (!this.repeats) return Promise.all(requests.map((send) => send()));
    const answers: Answer[] = [];
    for (const send of requests) answers.push(await send());
    return answers;
  }

  /**
   * Records what came out of an action; a status that the action does not expect is a violation. 503 is not: on a busy machine, a request
   * may wait too long for a lock. It has changed nothing then, which the invariants check.
   */
  record(action: string, { status, code, body }: Answer, expected: readonly (number | string)[]): void {
    this.count(action, code ?? String(status));
    if (status !== 503 && !expected.includes(status) && !expected.includes(code ?? '')) {
      this.problems.push(`${action}: unexpected answer ${status} ${JSON.stringify(body)}`);
    }
  }

  count(action: string, outcome: string): void {
    const key = `${action} ${outcome}`;
    this.tally.set(key, (this.tally.get(key) ?? 0) + 1);
  }

  confirmChange(appointmentId: string, kind: string, version: number): void {
    this.confirmed.push({ appointmentId, kind, version });
  }

  private withRole(wanted: SimulatedActor['role']): SimulatedActor[] {
    return this.actors.filter(({ role }) => role === wanted);
  }
}
