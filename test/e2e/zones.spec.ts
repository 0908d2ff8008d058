import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/core/kernel/clock.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, openClinic } from '../support/clinic.js';
import { inLongForm } from '../support/long-form.js';
import { ApiProcess } from '../support/processes.js';

/** Clock changes, the zone of the server, and many zones at once (docs/complaints.md, 6, 7 and 8). */

const HALF_HOUR = 1_800_000;

class FixedClock extends Clock {
  now(): number {
    return Date.parse('2026-02-15T12:00:00Z');
  }
}

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({}, undefined, new FixedClock());
});

afterAll(() => app.close());

const listed = async (serviceId: string, day: string, timeZone = ''): Promise<string[]> => {
  const zone = timeZone && `&timeZone=${timeZone}`;
  const answer = await app.call('GET', `/api/v1/availability?serviceId=${serviceId}&from=${day}&to=${day}${zone}`);
  expect(answer.status).toBe(200);
  return answer.data.map(({ startDateTime }: { startDateTime: string }) => startDateTime);
};

/** Returns the local time of an instant by ICU, independent of the tested code. */
function wallClock(timeZone: string): (instant: number | string) => { day: string; time: string } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  });
  return (instant) => {
    const [day = '', time = ''] = format.format(new Date(instant)).split(', ');
    return { day, time };
  };
}

/** Returns every half hour of a local day. */
function listHalfHours(day: string, timeZone: string): string[] {
  const shown = wallClock(timeZone);
  const first = Date.parse(`${day}T00:00:00Z`) - 15 * 3_600_000;
  const all = Array.from({ length: 2 * 54 }, (_, index) => first + index * HALF_HOUR);
  return all.filter((instant) => shown(instant).day === day).map((instant) => new Date(instant).toISOString());
}

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

interface Change {
  zone: string;
  day: string;
  /** Half hours of the day. */
  length: number;
  skipped?: string[];
  repeated?: string[];
  /** Nine o'clock of the day before, of the day, and of the day after. */
  nine: [string, string, string];
}

const CHANGES: Change[] = [
  {
    zone: 'America/New_York',
    day: '2026-03-08',
    length: 46,
    skipped: ['02:00', '02:30'],
    nine: ['2026-03-07T14:00', '2026-03-08T13:00', '2026-03-09T13:00'],
  },
  {
    zone: 'America/New_York',
    day: '2026-11-01',
    length: 50,
    repeated: ['01:00', '01:30'],
    nine: ['2026-10-31T13:00', '2026-11-01T14:00', '2026-11-02T14:00'],
  },
  {
    zone: 'Europe/London',
    day: '2026-03-29',
    length: 46,
    skipped: ['01:00', '01:30'],
    nine: ['2026-03-28T09:00', '2026-03-29T08:00', '2026-03-30T08:00'],
  },
  {
    zone: 'Europe/London',
    day: '2026-10-25',
    length: 50,
    repeated: ['01:00', '01:30'],
    nine: ['2026-10-24T08:00', '2026-10-25T09:00', '2026-10-26T09:00'],
  },
  {
    zone: 'Asia/Beirut',
    day: '2026-03-29',
    length: 46,
    skipped: ['00:00', '00:30'],
    nine: ['2026-03-28T07:00', '2026-03-29T06:00', '2026-03-30T06:00'],
  },
  {
    zone: 'Asia/Beirut',
    day: '2026-10-24',
    length: 50,
    repeated: ['23:00', '23:30'],
    nine: ['2026-10-23T06:00', '2026-10-24T06:00', '2026-10-25T07:00'],
  },
  {
    zone: 'Africa/Cairo',
    day: '2026-04-24',
    length: 46,
    skipped: ['00:00', '00:30'],
    nine: ['2026-04-23T07:00', '2026-04-24T06:00', '2026-04-25T06:00'],
  },
  {
    zone: 'Africa/Cairo',
    day: '2026-10-29',
    length: 50,
    repeated: ['23:00', '23:30'],
    nine: ['2026-10-28T06:00', '2026-10-29T06:00', '2026-10-30T07:00'],
  },
  {
    zone: 'Australia/Lord_Howe',
    day: '2026-10-04',
    length: 47,
    skipped: ['02:00'],
    nine: ['2026-10-02T22:30', '2026-10-03T22:00', '2026-10-04T22:00'],
  },
  {
    zone: 'Australia/Lord_Howe',
    day: '2026-04-05',
    length: 49,
    repeated: ['01:30'],
    nine: ['2026-04-03T22:00', '2026-04-04T22:30', '2026-04-05T22:30'],
  },
];

describe('the day of a clock change', () => {
  it.each(CHANGES)('in $zone on $day: every local time is listed and can be booked', async (on) => {
    const policy = { slotStepMinutes: 30, horizonDays: 400, maxUpcomingPerClient: null };
    const clinic = await openClinic(app, { timeZone: on.zone, policy });
    const serviceId = await aService(app, clinic);
    const starts = await listed(serviceId, on.day);
    expect(starts).toEqual(listHalfHours(on.day, on.zone));
    expect(starts).toHaveLength(on.length);

    const shown = starts.map((start) => wallClock(on.zone)(start).time);
    for (const time of on.skipped ?? []) expect(shown).not.toContain(time);
    for (const time of on.repeated ?? []) expect(shown.filter((one) => one === time)).toHaveLength(2);
    const days = [dayAfter(on.day, -1), on.day, dayAfter(on.day, 1)];
    for (const [index, day] of days.entries()) {
      expect(await listed(serviceId, day)).toContain(`${on.nine[index]}:00.000Z`);
    }

    const [patient] = await app.patients(1);
    const answers = await Promise.all(
      starts.map((startDateTime) =>
        app.call('POST', '/api/v1/appointments', {
          token: patient?.token,
          body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime },
        }),
      ),
    );
    expect(answers.map(({ status, data }) => [status, data?.startDateTime])).toEqual(
      starts.map((start) => [201, start]),
    );
    expect(await listed(serviceId, on.day)).toEqual([]);
    expect(await app.overlaps()).toBe(0);
  });
});

describe('the zone of the server', () => {
  inLongForm(it)(
    'does not affect availability: servers in UTC and Tokyo, with a database in another zone, list the same evening of Los Angeles',
    async () => {
      // The processes use the real clock.
      const day = dayAfter(new Date().toISOString().slice(0, 10), 20);
      const hours = { start: '18:00', end: '22:00' };
      const clinic = await openClinic(app, {
        timeZone: 'America/Los_Angeles',
        hours,
        policy: { slotStepMinutes: 30, horizonDays: 400 },
      });
      const serviceId = await aService(app, clinic);
      const expected = listHalfHours(day, 'America/Los_Angeles').filter((start) => {
        const { time } = wallClock('America/Los_Angeles')(start);
        return time >= '18:00' && time < '22:00';
      });
      const query = `serviceId=${serviceId}&from=${day}&to=${day}&timeZone=America/Los_Angeles`;
      const name = new URL(app.environment.DATABASE_URL as string).pathname.slice(1);
      await app.db.query(`ALTER DATABASE ${name} SET timezone = 'Pacific/Kiritimati'`);
      const start = (TZ: string): Promise<ApiProcess> => ApiProcess.start({ ...app.environment, TZ });
      const apis = await Promise.all(['UTC', 'Asia/Tokyo'].map(start));
      const answers = await Promise.all(apis.map(({ url }) => app.call('GET', `${url}/api/v1/availability?${query}`)));
      await Promise.all(apis.map((api) => api.kill()));
      await app.db.query(`ALTER DATABASE ${name} RESET timezone`);
      expect(expected).toHaveLength(8);
      for (const { data } of answers) {
        expect(data.map(({ startDateTime }: { startDateTime: string }) => startDateTime)).toEqual(expected);
      }
    },
  );
});

describe('two hundred concurrent requests in eight zones', () => {
  it('get the same answers as single requests', async () => {
    const zones = [
      'America/New_York',
      'Asia/Tokyo',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Pacific/Kiritimati',
      'Pacific/Pago_Pago',
      'Africa/Cairo',
      'UTC',
    ];
    const clinics = await Promise.all(
      ['Africa/Cairo', 'America/New_York'].map((timeZone) =>
        openClinic(app, { timeZone, policy: { horizonDays: 400 } }),
      ),
    );
    const serviceIds = await Promise.all(clinics.map((clinic) => aService(app, clinic)));
    const ask = (serviceId: string, timeZone: string): Promise<Answer> =>
      app.call('GET', `/api/v1/availability?serviceId=${serviceId}&from=2026-03-08&to=2026-03-08&timeZone=${timeZone}`);
    const questions = zones.flatMap((zone) => serviceIds.map((serviceId) => [serviceId, zone] as const));
    const alone: unknown[] = [];
    for (const question of questions) alone.push((await ask(...question)).data);
    expect(new Set(alone.map((answer) => JSON.stringify(answer))).size).toBe(questions.length);
    const many = Array.from({ length: 200 }, (_, index) => index % questions.length);
    const answers = await Promise.all(many.map((index) => ask(...(questions[index] as (typeof questions)[number]))));
    for (const [position, index] of many.entries()) expect(answers[position]?.data).toEqual(alone[index]);
  });
});
