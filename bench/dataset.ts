import { Zone } from '../src/core/kernel/zone.js';

/**
 * The data of a run, computed by rules: every id, e-mail and free slot follows from an index. So the process that fills the
 * database and the load process agree without communication.
 */

export const PASSWORD = 'bench-password-1';
/** The default number of clients in a database. */
export const CLIENTS = 2_000;
export const DOCTORS_PER_CLINIC = 100;
export const SERVICES_PER_CLINIC = 10;
/** The last two services of a clinic need a room; its first doctors provide them. */
export const ROOMS_PER_CLINIC = 20;
export const ROOM_SERVICE = 8;
/** The service that is booked: 30 minutes, no room, provided by every doctor. */
export const PLAIN_SERVICE = 0;

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

export const CLINIC_LIST = [
  { name: 'Cairo', timeZone: 'Africa/Cairo', weekdays: [1, 2, 3, 4, 6, 7] },
  { name: 'Berlin', timeZone: 'Europe/Berlin', weekdays: [1, 2, 3, 4, 5] },
  { name: 'New York', timeZone: 'America/New_York', weekdays: [1, 2, 3, 4, 5, 6] },
  { name: 'Kolkata', timeZone: 'Asia/Kolkata', weekdays: EVERY_DAY },
  { name: 'Sydney', timeZone: 'Australia/Sydney', weekdays: [1, 2, 3, 4, 5] },
] as const;

export const CLINICS = CLINIC_LIST.length;
export const DOCTORS = CLINICS * DOCTORS_PER_CLINIC;

/** Minutes of the local day. */
export const WINDOWS = [
  { start: 540, end: 780 },
  { start: 840, end: 1080 },
] as const;
export const SLOT_MINUTES = 30;
const SLOTS_PER_WINDOW = 8;
export const SLOTS_PER_DAY = WINDOWS.length * SLOTS_PER_WINDOW;

const KINDS = {
  clinic: '001',
  user: '002',
  client: '003',
  resource: '004',
  doctor: '005',
  service: '006',
  room: '007',
  session: '008',
};

export type Kind = keyof typeof KINDS;

const EPOCH = Date.UTC(2025, 0, 1);

/** Returns a valid UUIDv7 for a kind and a number. */
export function getId(kind: Kind, n: number): string {
  const time = (EPOCH + n * 1_000).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${KINDS[kind]}-8000-${n.toString(16).padStart(12, '0')}`;
}

/** The same as an SQL expression. @param n an SQL expression of type bigint */
export const idInSql = (kind: Kind, n: string): string =>
  `(lpad(to_hex(${EPOCH} + (${n}) * 1000), 12, '0') || '7${KINDS[kind]}8000' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/** SQL: a UUIDv7 of a time. @param hash an SQL expression of an MD5 hash that no other row of the time has */
export const timedIdInSql = (time: string, hash: string): string =>
  `(lpad(to_hex((extract(epoch FROM ${time}) * 1000)::bigint), 12, '0') || '7' || substr(${hash}, 1, 3) || '8' || substr(${hash}, 4, 15))::uuid`;

export const doctorId = (clinic: number, doctor: number): string =>
  getId('doctor', clinic * DOCTORS_PER_CLINIC + doctor);
export const serviceId = (clinic: number, service: number): string =>
  getId('service', clinic * SERVICES_PER_CLINIC + service);
export const getEmail = (client: number): string => `client${client}@bench.example`;
/** Clients are assigned to the clinics in turn, so that a larger database has all clients of a smaller one. */
export const clientNumber = (clinic: number, n: number): number => n * CLINICS + clinic;

/** User numbers: a client's user has the client's number; front desk users start here, one for each clinic. */
const FIRST_DESK_USER = 10_000_000;
export const deskUser = (clinic: number): number => FIRST_DESK_USER + clinic;
export const isClientUser = (user: number): boolean => user < FIRST_DESK_USER;
export const getDeskClinic = (user: number): number => user - FIRST_DESK_USER;

/** The services that a doctor provides, as numbers within the clinic. */
export function getDoctorServices(doctor: number): number[] {
  const given = [PLAIN_SERVICE, 1 + (doctor % (ROOM_SERVICE - 1))];
  if (doctor < ROOMS_PER_CLINIC) given.push(ROOM_SERVICE + (doctor % 2));
  return given;
}

/**
 * Returns the client of a doctor's slot. Each slot takes the next hundred clients of the clinic, so that no client is in two
 * places at once and every client has equally many appointments. seed-appointments.ts has the same rule in SQL.
 * @param time the slot's number since 1970: day × SLOTS_PER_DAY + slot
 * @param clients number of clients of all clinics, at least 500
 */
export const getSlotClient = (clinic: number, doctor: number, time: number, clients: number): number =>
  clientNumber(clinic, (time * DOCTORS_PER_CLINIC + doctor) % (clients / CLINICS));

const getSlotMinute = (slot: number): number =>
  WINDOWS[slot < SLOTS_PER_WINDOW ? 0 : 1].start + (slot % SLOTS_PER_WINDOW) * SLOT_MINUTES;

/** Days after today that seeding may fill. The slots to book are after these days. */
export const SEEDED_DAYS = 30;
const FIRST_FREE_DAY = 40;
const RACE_DAYS = 60;
const LAST_FREE_DAY = 700;
export const HORIZON_DAYS = 730;

export interface FreeSlot {
  clinic: number;
  doctor: number;
  /** The slot's number, see getSlotClient. */
  time: number;
  startDateTime: string;
}

interface Block {
  clinic: number;
  slot: number;
  day: string;
}

/** Numbered free slots: all doctors of a clinic at one time, then the next clinic, the next time, the next day. */
export class FreeSlots {
  private readonly blocks: Block[];
  private last: { block: number; startDateTime: string } | undefined;

  private constructor(from: string, first: number, last: number) {
    this.blocks = [];
    const utc = Zone.of('UTC');
    for (let day = first; day < last; day += 1) this.addDay(utc.addDays(from, day), utc);
  }

  static toBook(today: string): FreeSlots {
    return new FreeSlots(today, FIRST_FREE_DAY, LAST_FREE_DAY - RACE_DAYS);
  }

  /** Separate slots, at which fifty clients are free. */
  static toRaceFor(today: string): FreeSlots {
    return new FreeSlots(today, LAST_FREE_DAY - RACE_DAYS, LAST_FREE_DAY);
  }

  /** The number of different (clinic, time) pairs. */
  get times(): number {
    return this.blocks.length;
  }

  /** @throws RangeError when the slots have run out */
  at(index: number): FreeSlot {
    const number = Math.floor(index / DOCTORS_PER_CLINIC);
    const block = this.blocks[number];
    if (!block) throw new RangeError(`no free slot is left at index ${index}`);
    if (this.last?.block !== number) this.last = { block: number, startDateTime: getBlockStart(block) };
    return {
      clinic: block.clinic,
      doctor: index % DOCTORS_PER_CLINIC,
      time: (Date.parse(block.day) / 86_400_000) * SLOTS_PER_DAY + block.slot,
      startDateTime: this.last.startDateTime,
    };
  }

  private addDay(day: string, zone: Zone): void {
    const weekday = zone.getWeekday(day);
    for (let slot = 0; slot < SLOTS_PER_DAY; slot += 1) {
      for (const [clinic, { weekdays }] of CLINIC_LIST.entries()) {
        if ((weekdays as readonly number[]).includes(weekday)) this.blocks.push({ clinic, slot, day });
      }
    }
  }
}

function getBlockStart({ clinic, slot, day }: Block): string {
  const zone = Zone.of((CLINIC_LIST[clinic] as (typeof CLINIC_LIST)[number]).timeZone);
  const [instant] = zone.getInstants(day, getSlotMinute(slot));
  if (instant === undefined) throw new RangeError(`this local time does not exist on ${day}`);
  return new Date(instant).toISOString();
}
