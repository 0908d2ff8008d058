import jwt from 'jsonwebtoken';
import { ACCESS_TOKEN, toClaims, deriveKey } from '../src/core/security/tokens.js';
import type { Actor } from '../src/core/kernel/actor.js';
import * as data from './dataset.js';
import { dayAfter } from './seed-appointments.js';

/** What the comparison measures. `target` is the minimum share of the reference's requests per second. */
export const WORKLOADS = {
  doctor: { title: 'doctor by id (signed in)', target: 1.5 },
  doctors: { title: 'list of 20 doctors', target: 1.5 },
  services: { title: 'list of 20 services', target: 1.5 },
  availability: { title: 'availability, 1 doctor, 7 days', target: 1.5 },
  'availability-room': { title: 'availability, 1 doctor + room, 7 days', target: 1.2 },
  book: { title: 'create appointment', target: 0.8 },
  race: { title: '50-way race for one slot (rounds/s)', target: 0.4 },
  'race-alternatives': { title: 'the same, reference offers 3 other times', target: 1.8 },
  login: { title: 'sign in (argon2id)', target: 0.95 },
} as const;

/** What `--scale` measures: also lists that grow with the table. `atLargest`: also at 10,000,000 appointments. */
export const SCALE_WORKLOADS = {
  doctor: { title: 'doctor by id (signed in)', atLargest: false },
  doctors: { title: 'list of 20 doctors', atLargest: false },
  availability: { title: 'availability, 1 doctor, 7 days', atLargest: true },
  'availability-room': { title: 'availability, 1 doctor + room, 7 days', atLargest: true },
  'desk-list': { title: "a clinic's appointments from today, 20", atLargest: true },
  'desk-list-all': { title: "a clinic's appointments, the first 20 of all", atLargest: false },
  'client-list': { title: "a patient's own appointments, 20", atLargest: false },
  book: { title: 'create appointment', atLargest: true },
} as const;

export type WorkloadName = keyof typeof WORKLOADS | keyof typeof SCALE_WORKLOADS;

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** Calls that cannot be repeated, because a slot can be booked only once. */
interface Stream {
  /** @throws RangeError if no free slots are left */
  at: (index: number) => Call;
}

/** Clients that request the same slot in one round of a race. */
export const CALLS_PER_ROUND = 50;
const TOKEN_HOURS = 24;
const JSON_TYPE = { 'Content-Type': 'application/json' };
const READERS = 200;
const DISTINCT_CALLS = 500;

/** The calls of a run, and their tokens. */
export class Calls {
  private readonly key;
  private readonly tokens = new Map<number, string>();

  constructor(
    secret: string,
    private readonly today: string,
    /** Clients in the database. */
    private readonly clients = data.CLIENTS,
  ) {
    this.key = deriveKey(secret, 'access-token');
  }

  /** Calls that can be repeated, for workloads that only read. */
  reads(workload: WorkloadName): Call[] | null {
    const path = this.readPath(workload);
    if (!path) return null;
    return Array.from({ length: DISTINCT_CALLS }, (_, n) => {
      const user = workload.startsWith('desk-list') ? data.deskUser(n % data.CLINICS) : this.reader(n);
      return { method: 'GET', path: path(n), headers: this.signedIn(user) };
    });
  }

  /** Returns one of READERS clients, spread over all clients and clinics. */
  private reader(n: number): number {
    const step = Math.floor(this.clients / READERS) + 1;
    return (((n * 7) % READERS) * step) % this.clients;
  }

  /** Returns the tokens of this number of patients. */
  patientTokens(count: number): string[] {
    return Array.from({ length: count }, (_, n) => this.getToken(n));
  }

  /** Returns tokens of the front desks of all clinics, repeated this number of times. */
  deskTokens(times: number): string[] {
    return Array.from({ length: times * data.CLINICS }, (_, n) => this.deskToken(n % data.CLINICS));
  }

  /** Returns the token of a clinic's front desk. */
  deskToken(clinic: number): string {
    return this.getToken(data.deskUser(clinic));
  }

  stream(workload: WorkloadName): Stream {
    switch (workload) {
      case 'book':
        return this.bookings();
      case 'login':
        return { at: signIn };
      default:
        throw new Error(`${workload} has no stream of calls`);
    }
  }

  /** The calls of each round, all for the same doctor and time. */
  races(offerAlternatives: boolean): { size: number; at: (round: number) => Call[] } {
    const slots = data.FreeSlots.toRaceFor(this.today);
    const mark: Record<string, string> = offerAlternatives ? { 'X-Alternatives': '1' } : {};
    return {
      size: slots.times,
      at: (round) => {
        const slot = slots.at(round * data.DOCTORS_PER_CLINIC + (round % data.DOCTORS_PER_CLINIC));
        return Array.from({ length: CALLS_PER_ROUND }, (_, n) => {
          const client = data.clientNumber(slot.clinic, (round * CALLS_PER_ROUND + n) % (this.clients / data.CLINICS));
          return this.booking(slot, client, client, { ...mark, 'Idempotency-Key': `race-${round}-${n}` });
        });
      },
    };
  }

  private bookings(): Stream {
    const slots = this.slots();
    return { at: (n) => slots.book(n) };
  }

  /** The calls of the front desk for the free slots: to book one, to hold one, and to book one that is held. */
  slots(): { book: (n: number, holdId?: string) => Call; hold: (n: number) => Call } {
    const slots = data.FreeSlots.toBook(this.today);
    const book = (n: number, holdId?: string): Call => {
      const slot = slots.at(n);
      const client = data.getSlotClient(slot.clinic, slot.doctor, slot.time, this.clients);
      return this.booking(slot, client, data.deskUser(slot.clinic), { 'Idempotency-Key': `book-${n}` }, { holdId });
    };
    const hold = (n: number): Call => {
      const { headers, body = '' } = book(n);
      const { notes: _, ...slot } = JSON.parse(body) as Record<string, unknown>;
      return { method: 'POST', path: '/api/v1/holds', headers, body: JSON.stringify(slot) };
    };
    return { book, hold };
  }

  private booking(
    slot: data.FreeSlot,
    client: number,
    user: number,
    headers: Record<string, string>,
    fields: object = {},
  ): Call {
    return {
      method: 'POST',
      path: '/api/v1/appointments',
      headers: { ...this.signedIn(user), ...JSON_TYPE, ...headers },
      body: JSON.stringify({
        serviceId: data.serviceId(slot.clinic, data.PLAIN_SERVICE),
        doctorId: data.doctorId(slot.clinic, slot.doctor),
        startDateTime: slot.startDateTime,
        clientId: data.getId('client', client),
        notes: 'Booked by the bench.',
        ...fields,
      }),
    };
  }

  private readPath(workload: WorkloadName): ((n: number) => string) | null {
    const week = `from=${dayAfter(this.today, 2)}&to=${dayAfter(this.today, 8)}`;
    switch (workload) {
      case 'doctor':
        return (n) => `/api/v1/doctors/${data.getId('doctor', n % data.DOCTORS)}`;
      case 'doctors':
        return () => '/api/v1/doctors?limit=20';
      case 'services':
        return () => '/api/v1/services?limit=20';
      case 'availability':
        return (n) => availability(n % data.CLINICS, n % data.DOCTORS_PER_CLINIC, data.PLAIN_SERVICE, week);
      case 'availability-room':
        return (n) => {
          const doctor = Math.floor(n / data.CLINICS) % data.ROOMS_PER_CLINIC;
          return availability(n % data.CLINICS, doctor, data.ROOM_SERVICE + (doctor % 2), week);
        };
      case 'desk-list':
        return () => `/api/v1/appointments?limit=20&from=${this.today}`;
      case 'desk-list-all':
      case 'client-list':
        return () => '/api/v1/appointments?limit=20';
      default:
        return null;
    }
  }

  private signedIn(user: number): Record<string, string> {
    return { Authorization: `Bearer ${this.getToken(user)}` };
  }

  private getToken(user: number): string {
    let token = this.tokens.get(user);
    if (!token) {
      const { issuer, audience, algorithm } = ACCESS_TOKEN;
      const expiresIn = `${TOKEN_HOURS}h` as const;
      token = jwt.sign(toClaims(toActor(user)), this.key, { algorithm, issuer, audience, expiresIn });
      this.tokens.set(user, token);
    }
    return token;
  }
}

function toActor(user: number): Actor {
  const isClient = data.isClientUser(user);
  return {
    userId: data.getId('user', user),
    sessionId: data.getId('session', user),
    role: isClient ? 'CLIENT' : 'STAFF',
    clientId: isClient ? data.getId('client', user) : null,
    doctorId: null,
    clinicIds: isClient ? [] : [data.getId('clinic', data.getDeskClinic(user))],
  };
}

/** Each call is from another address, because the limits per address are not measured here. */
const signIn = (n: number): Call => ({
  method: 'POST',
  path: '/api/v1/auth/login',
  headers: { ...JSON_TYPE, 'X-Forwarded-For': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` },
  body: JSON.stringify({ email: data.getEmail(n % data.CLIENTS), password: data.PASSWORD }),
});

const availability = (clinic: number, doctor: number, service: number, week: string): string =>
  `/api/v1/availability?serviceId=${data.serviceId(clinic, service)}&doctorId=${data.doctorId(clinic, doctor)}&${week}`;
