import { eventually } from '../../support/eventually.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';

/** The kind of message that a patient gets about each kind of change; null for none. */
function toKind({ action, changed, undone }: ChangeRow): string | null {
  if (action === 'booked') return 'APPOINTMENT_BOOKED';
  if (action === 'rescheduled' && changed?.length !== 0) return 'APPOINTMENT_MOVED';
  if (action === 'cancelled') return 'APPOINTMENT_CANCELLED';
  return action === 'reinstated' && undone === 'CANCELLED' ? 'APPOINTMENT_REINSTATED' : null;
}

/** A change of a visit, from its event: historyAgrees checks that each version has one. */
interface ChangeRow {
  sequence: string;
  appointmentId: string;
  clientId: string;
  version: number;
  action: string;
  changed: string[] | null;
  undone: string | null;
  /** Visits of one patient that were changed together: the patient gets one message about all of them. */
  together: string | null;
}

const CHANGES = `
  SELECT o.sequence, o.aggregate_id AS "appointmentId", a.client_id AS "clientId", (o.payload ->> 'version')::int AS version,
         o.payload ->> 'action' AS action, o.payload -> 'changed' AS changed, o.payload ->> 'undone' AS undone,
         CASE WHEN o.payload ? 'isTogether' THEN o.occurred_at::text END AS together
  FROM outbox o JOIN appointment a ON a.id = o.aggregate_id
  WHERE a.clinic_id = $1 AND o.event LIKE 'appointment:%' AND o.sequence > $2 ORDER BY o.sequence`;

/** One message that is expected: about a change, or about several that were made together. */
interface Notice {
  clientId: string;
  /** Whether the patient would not know the current state without it: no later change of its visits is told of instead. */
  isNeeded: boolean;
  /** How many mails each account got. */
  mails: Map<string, number>;
}

interface Notices {
  lastSequence: string;
  /** By change: `appointment kind version`. */
  byChange: Map<string, Notice>;
  all: Set<Notice>;
}

const noticesByWorld = new WeakMap<World, Notices>();

const toKey = (appointmentId: string, kind: string, version: number): string => `${appointmentId} ${kind} ${version}`;

/** Adds the notices of the changes since the last call. Of several changes of a visit, at least the last must be told of. */
async function readNotices(world: World): Promise<Notices> {
  const known = noticesByWorld.get(world) ?? { lastSequence: '0', byChange: new Map(), all: new Set() };
  noticesByWorld.set(world, known);
  const { rows } = await world.app.db.query<ChangeRow>(CHANGES, [world.clinic.id, known.lastSequence]);
  const together = new Map<string, Notice>();
  const latest = new Map<string, Notice>();
  for (const row of rows) {
    known.lastSequence = row.sequence;
    const kind = toKind(row);
    if (!kind) continue;
    const key = row.together && `${row.together} ${row.clientId} ${kind}`;
    const notice = (key && together.get(key)) || { clientId: row.clientId, isNeeded: false, mails: new Map() };
    if (key) together.set(key, notice);
    known.byChange.set(toKey(row.appointmentId, kind, row.version), notice);
    known.all.add(notice);
    latest.set(row.appointmentId, notice);
  }
  for (const notice of latest.values()) notice.isNeeded = true;
  return known;
}

const MAILS = `
  SELECT n.appointment_id AS "appointmentId", n.kind, n.version, n.user_id AS "userId", count(*)::int AS n
  FROM notification n WHERE n.clinic_id = $1 AND n.channel = 'EMAIL' AND n.appointment_id IS NOT NULL
    AND n.kind <> 'APPOINTMENT_REMINDER' GROUP BY 1, 2, 3, 4`;

/** Each change is one mail to the patient, and one to their guardian; so are several changes that are made together. */
export const toldOnce: Invariant = {
  name: 'every patient is told once',
  async check(world) {
    const { byChange, all } = await readNotices(world);
    const problems = world.confirmed
      .splice(0)
      .map(({ appointmentId, kind, version }) => toKey(appointmentId, kind, version))
      .filter((key) => !byChange.has(key))
      .map((key) => `${key}: an answer, but no change`);
    for (const notice of all) notice.mails.clear();
    const { rows } = await world.app.db.query(MAILS, [world.clinic.id]);
    for (const { appointmentId, kind, version, userId, n } of rows) {
      const key = toKey(appointmentId, kind, version);
      const mails = byChange.get(key)?.mails;
      if (mails) mails.set(userId, (mails.get(userId) ?? 0) + n);
      else problems.push(`${key}: a mail without a change`);
    }
    for (const [key, { clientId, isNeeded, mails }] of byChange) {
      const accounts = world.getAccounts(clientId);
      const expected = isNeeded || mails.size > 0 ? accounts.map(({ userId }) => userId) : [];
      for (const userId of expected)
        if (mails.get(userId) !== 1) problems.push(`${key}: ${mails.get(userId) ?? 0} mails to ${userId}`);
      if (mails.size > expected.length) problems.push(`${key}: mails to ${[...mails.keys()].join()}`);
    }
    return problems;
  },
};

const OFFER_MAILS = `
  SELECT o.id, e.client_id AS "clientId", array_remove(array_agg(n.user_id::text), NULL) AS "userIds"
  FROM waitlist_offer o JOIN waitlist_entry e ON e.id = o.entry_id
    LEFT JOIN notification n ON n.offer_id = o.id AND n.channel = 'EMAIL'
  WHERE o.clinic_id = $1 GROUP BY 1, 2`;

export const everyOfferTold: Invariant = {
  name: 'every offer is told once',
  async check(world) {
    const { rows } = await world.app.db.query<{ id: string; clientId: string; userIds: string[] }>(OFFER_MAILS, [
      world.clinic.id,
    ]);
    return rows.flatMap(({ id, clientId, userIds }) => {
      const expected = world.getAccounts(clientId).map(({ userId }) => userId);
      return [...userIds].sort().join() === expected.sort().join() ? [] : [`offer ${id}: mails to ${userIds.join()}`];
    });
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

/** What became of the mails: how many were sent, and how many were not, for each reason (docs/notifications.md). */
export async function countMails({ app, clinic }: World): Promise<Record<string, number>> {
  const { rows } = await app.db.query<{ outcome: string; n: number }>(
    `SELECT concat_ws(' ', lower(state), reason) AS outcome, count(*)::int AS n FROM notification
     WHERE clinic_id = $1 AND channel = 'EMAIL' GROUP BY 1 ORDER BY 1`,
    [clinic.id],
  );
  return Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n]));
}
