import { allPublished } from '../../support/outbox.js';
import { eventually } from '../../support/eventually.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';

/** The status that each kind of change leaves behind. */
const STATUS_AFTER: Record<string, string[]> = {
  'appointment.booked': ['CONFIRMED'],
  'appointment.rescheduled': ['CONFIRMED'],
  'appointment.checked-in': ['CONFIRMED'],
  'appointment.started': ['IN_PROGRESS'],
  'appointment.completed': ['COMPLETED'],
  'appointment.cancelled': ['CANCELLED'],
  'appointment.no-show': ['NO_SHOW'],
  'appointment.reinstated': ['CONFIRMED', 'IN_PROGRESS'],
};

/** Each version of a visit is one change: one row of the audit log and one event. */
const CHANGES = `
  SELECT a.id, a.status, a.version,
    (SELECT count(*)::int FROM audit_log l WHERE l.object_type = 'appointment' AND l.object_id = a.id
       AND l.action NOT LIKE '%read%') AS audited,
    (SELECT count(*)::int FROM outbox o WHERE o.aggregate_id = a.id AND o.event LIKE 'appointment:%') AS events,
    (SELECT l.action FROM audit_log l WHERE l.object_type = 'appointment' AND l.object_id = a.id
       AND l.action NOT LIKE '%read%' ORDER BY l.id DESC LIMIT 1) AS last
  FROM appointment a WHERE a.clinic_id = $1`;

interface ChangesRow {
  id: string;
  status: string;
  version: number;
  audited: number;
  events: number;
  last: string;
}

export const historyAgrees: Invariant = {
  name: 'history and events agree with the visits',
  async check({ app, clinic }) {
    const { rows } = await app.db.query<ChangesRow>(CHANGES, [clinic.id]);
    return rows.flatMap(({ id, status, version, audited, events, last }) => {
      if (audited !== version || events !== version)
        return [`visit ${id}: version ${version}, ${audited} rows of the history, ${events} events`];
      return STATUS_AFTER[last]?.includes(status) ? [] : [`visit ${id} is ${status} after ${last}`];
    });
  },
};

/** Waits until everything that was committed has become deliveries. */
async function settle({ app }: World): Promise<void> {
  await allPublished(app);
  await eventually(async () => {
    const { rows } = await app.db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM planned_notification WHERE due_at <= now()',
    );
    if (rows[0]?.n !== 0) throw new Error(`${rows[0]?.n} notifications are due`);
  });
}

/** Each change that concerns a patient is one mail to them; of several in one burst, at least the last. */
export const toldOnce: Invariant = {
  name: 'every patient is told once',
  async check(world) {
    await settle(world);
    const { rows } = await world.app.db.query<{ key: string; n: number }>(
      `SELECT n.appointment_id || ' ' || n.kind || ' ' || n.version AS key, count(*)::int AS n FROM notification n
       WHERE n.clinic_id = $1 AND n.channel = 'EMAIL' AND n.kind <> 'APPOINTMENT_REMINDER' GROUP BY 1`,
      [world.clinic.id],
    );
    const counts = new Map(rows.map(({ key, n }) => [key, n]));
    const expected = new Set(
      world.notices.map(({ appointmentId, kind, version }) => `${appointmentId} ${kind} ${version}`),
    );
    const latest = new Map(world.latestNotices.map((notice) => [notice.appointmentId, notice]));
    for (const notice of world.latestNotices) {
      const last = latest.get(notice.appointmentId);
      if (last && notice.version > last.version) latest.set(notice.appointmentId, notice);
    }
    world.latestNotices.length = 0;
    for (const { appointmentId, kind, version } of latest.values())
      world.required.add(`${appointmentId} ${kind} ${version}`);
    return [
      ...rows.filter(({ n }) => n !== 1).map(({ key, n }) => `${key}: ${n} mails`),
      ...[...world.required].filter((key) => !counts.has(key)).map((key) => `${key}: no mail`),
      ...[...counts.keys()].filter((key) => !expected.has(key)).map((key) => `${key}: a mail without a change`),
    ];
  },
};

/** At the end: the mail server has got as many mails as were sent. */
export async function findUnsent({ app, clinic, smtp }: World): Promise<string[]> {
  try {
    await eventually(async () => {
      const { rows } = await app.db.query<{ open: number; sent: number }>(
        `SELECT count(*) FILTER (WHERE state IN ('PENDING', 'SENDING'))::int AS open, count(*) FILTER (WHERE state = 'SENT')::int AS sent
         FROM notification WHERE clinic_id = $1 AND channel = 'EMAIL'`,
        [clinic.id],
      );
      const [row] = rows;
      if (row?.open !== 0) throw new Error(`${row?.open} mails are not sent`);
      if (row.sent !== smtp.mails.length) throw new Error(`${row.sent} mails were sent, ${smtp.mails.length} arrived`);
    }, 60_000);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
