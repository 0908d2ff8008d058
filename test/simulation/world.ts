import { newId } from '../../src/core/kernel/id.js';
import { Zone } from '../../src/core/kernel/zone.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, openClinic, type TestClinic } from '../support/clinic.js';
import type { SettableClock } from '../support/settable-clock.js';
import { SmtpSink } from '../support/smtp-sink.js';

export const MINUTE = 60_000;
const [DOCTORS, ROOMS, PATIENTS, DESK] = [12, 4, 14, 4];
/** The clinic opens with the day, so that a change of the clocks is in its hours. */
export const HOURS = { start: '00:00', end: '12:00' };
const STEP_MINUTES = 15;

export interface SimulatedService {
  id: string;
  durationMinutes: number;
  bufferAfterMinutes: number;
  needsRoom: boolean;
}

/** Somebody who sends requests. */
export interface SimulatedActor {
  name: string;
  role: 'CLIENT' | 'STAFF' | 'DOCTOR';
  token: string;
  clientId: string | null;
  doctorId: string | null;
}

/** A hold that was answered with 201, until it is booked or given back. */
export interface KnownHold {
  id: string;
  owner: SimulatedActor;
  serviceId: string;
  doctorId: string;
  resourceIds: string[];
  start: number;
  expiresAt: number;
}

/** A message that a patient must get, exactly once. */
export interface ExpectedNotice {
  appointmentId: string;
  kind: string;
  version: number;
}

/** The clinic of the simulation: who acts, what they know, and what they expect. */
export class World {
  readonly holds: KnownHold[] = [];
  /** The ids of holds that an action of this burst is about. */
  readonly takenHolds = new Set<string>();
  readonly notices: ExpectedNotice[] = [];
  /** Those of this burst. */
  readonly latestNotices: ExpectedNotice[] = [];
  /** The messages without which a patient would not know the current state. */
  readonly required = new Set<string>();
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
  ) {}

  static async open(clock: SettableClock, { date, timeZone }: { date: string; timeZone: string }): Promise<World> {
    const zone = Zone.of(timeZone);
    const start = zone.startOfDay(date);
    clock.set(new Date(start).toISOString());
    const smtp = new SmtpSink();
    await smtp.start();
    const environment = { JWT_EXPIRES_IN: '9000h', SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false' };
    const app = await TestApp.start(environment, undefined, clock);
    const policy = {
      slotStepMinutes: STEP_MINUTES,
      minimumNoticeMinutes: 0,
      holdMinutes: 20,
      maxUpcomingPerClient: 100,
    };
    const clinic = await openClinic(app, { doctors: DOCTORS, rooms: ROOMS, timeZone, hours: HOURS, policy });
    const aServiceOf = async (durationMinutes: number, bufferAfterMinutes: number, needsRoom: boolean) => ({
      id: await aService(app, clinic, {
        name: needsRoom ? 'Visit in a room' : 'Visit',
        durationMinutes,
        bufferAfterMinutes,
        requiredResourceKinds: needsRoom ? ['ROOM'] : [],
      }),
      durationMinutes,
      bufferAfterMinutes,
      needsRoom,
    });
    const services = [await aServiceOf(30, 0, false), await aServiceOf(45, 15, false), await aServiceOf(15, 0, true)];
    const actors = [...toPatients(await app.patients(PATIENTS)), ...(await createStaff(app, clinic))];
    return new World(app, clock, smtp, clinic, services, actors, zone, date);
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

  /** The end of the hours: noon on the clock of the clinic. */
  get closeAt(): number {
    return this.zone.getInstants(this.date, 12 * 60)[0] as number;
  }

  /** The starts of the slot grid. */
  get grid(): number[] {
    const count = Math.floor((this.closeAt - this.openAt) / (STEP_MINUTES * MINUTE));
    return Array.from({ length: count }, (_, index) => this.openAt + index * STEP_MINUTES * MINUTE);
  }

  get patients(): SimulatedActor[] {
    return this.actors.filter(({ role }) => role === 'CLIENT');
  }

  get desk(): SimulatedActor[] {
    return this.actors.filter(({ role }) => role === 'STAFF');
  }

  get doctors(): SimulatedActor[] {
    return this.actors.filter(({ role }) => role === 'DOCTOR');
  }

  service(id: string): SimulatedService {
    const service = this.services.find((one) => one.id === id);
    if (!service) throw new Error(`no service ${id}`);
    return service;
  }

  call(actor: SimulatedActor, method: string, path: string, body?: object): Promise<Answer> {
    return this.app.call(method, `/api/v1/${path}`, { token: actor.token, body });
  }

  /**
   * Records what came out of an action; a status that the action does not expect is a violation. 503 is not: on a busy machine, a request
   * may wait too long for a lock. It has changed nothing then, which the invariants check.
   */
  record(action: string, { status, code, body }: Answer, expected: readonly (number | string)[]): void {
    const outcome = code ?? String(status);
    const key = `${action} ${outcome}`;
    this.tally.set(key, (this.tally.get(key) ?? 0) + 1);
    if (status !== 503 && !expected.includes(status) && !expected.includes(code ?? '')) {
      this.problems.push(`${action}: unexpected answer ${status} ${JSON.stringify(body)}`);
    }
  }

  expectNotice(appointmentId: string, kind: string, version: number): void {
    const notice = { appointmentId, kind, version };
    this.notices.push(notice);
    this.latestNotices.push(notice);
  }
}

const toPatients = (patients: TestPatient[]): SimulatedActor[] =>
  patients.map(({ token, clientId }, index) => ({
    name: `patient ${index + 1}`,
    role: 'CLIENT',
    token,
    clientId,
    doctorId: null,
  }));

/** The front desk and the doctors, with accounts. */
async function createStaff(app: TestApp, clinic: TestClinic): Promise<SimulatedActor[]> {
  const doctors = clinic.doctorIds.map(
    (doctorId, index) => ({ name: `doctor ${index + 1}`, role: 'DOCTOR', doctorId }) as const,
  );
  const desk = Array.from(
    { length: DESK },
    (_, index) => ({ name: `desk ${index + 1}`, role: 'STAFF', doctorId: null }) as const,
  );
  const actors: SimulatedActor[] = [];
  for (const person of [...desk, ...doctors]) {
    const userId = newId();
    await app.db.query(`INSERT INTO user_account (id, role, first_name, last_name) VALUES ($1, $2, 'At', 'Work')`, [
      userId,
      person.role,
    ]);
    await app.db.query('INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2)', [userId, clinic.id]);
    const { role, doctorId } = person;
    actors.push({ ...person, clientId: null, token: app.tokenFor({ userId, role, doctorId, clinicIds: [clinic.id] }) });
  }
  return actors;
}
