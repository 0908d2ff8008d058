import type { KnownHold, World } from './world.js';

export interface KnownVisit {
  id: string;
  clientId: string;
  doctorId: string;
  serviceId: string;
  resourceIds: string[];
  start: number;
  end: number;
  status: string;
  version: number;
  checkedInAt: Date | null;
  completedAt: number | null;
}

export interface KnownEntry {
  id: string;
  number: number;
  status: string;
  position: number | null;
  doctorId: string;
  appointmentId: string | null;
}

/** What is true before a burst. Actions choose from it, so that the choices depend on the seed and not on the time of an answer. */
export interface Snapshot {
  /** In the order of their creation. */
  visits: KnownVisit[];
  /** The holds in force, as far as the answers said. */
  holds: KnownHold[];
  queue: KnownEntry[];
}

export async function takeSnapshot(world: World): Promise<Snapshot> {
  const { rows } = await world.app.db.query<Omit<KnownVisit, 'start' | 'end' | 'completedAt'> & Times>(
    `SELECT a.id, a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
            a.resource_ids AS "resourceIds", a.start_at AS "startAt", a.end_at AS "endAt", a.status, a.version,
            a.checked_in_at AS "checkedInAt", a.completed_at AS "completedAt"
     FROM appointment a WHERE a.clinic_id = $1 ORDER BY a.id`,
    [world.clinic.id],
  );
  const visits = rows.map(({ startAt, endAt, completedAt, ...visit }) => ({
    ...visit,
    start: startAt.getTime(),
    end: endAt.getTime(),
    completedAt: completedAt?.getTime() ?? null,
  }));
  const desk = world.desk[0];
  if (!desk) throw new Error('no front desk');
  const { data } = await world.call(desk, 'GET', `queue?clinicId=${world.clinic.id}`);
  return { visits, holds: world.holds.filter(({ expiresAt }) => expiresAt > world.now), queue: data as KnownEntry[] };
}

interface Times {
  startAt: Date;
  endAt: Date;
  completedAt: Date | null;
}
