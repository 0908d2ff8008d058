import type { Invariant } from './invariant.js';

/** The status that each kind of change leaves behind. */
const STATUS_AFTER: Record<string, string[]> = {
  'appointment.booked': ['CONFIRMED'],
  'appointment.rescheduled': ['CONFIRMED'],
  'appointment.checked-in': ['CONFIRMED'],
  'appointment.confirmed-by-client': ['CONFIRMED'],
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
  FROM appointment a WHERE a.id = ANY ($1::uuid[])`;

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
  async check({ app }, { before, after }) {
    // Only visits that have changed: what was written for the others was compared after their last change.
    const versions = new Map(before.visits.map(({ id, version }) => [id, version]));
    const changed = after.visits.filter(({ id, version }) => versions.get(id) !== version);
    const { rows } = await app.db.query<ChangesRow>(CHANGES, [changed.map(({ id }) => id)]);
    return rows.flatMap(({ id, status, version, audited, events, last }) => {
      if (audited !== version || events !== version)
        return [`visit ${id}: version ${version}, ${audited} rows of the history, ${events} events`];
      return STATUS_AFTER[last]?.includes(status) ? [] : [`visit ${id} is ${status} after ${last}`];
    });
  },
};
