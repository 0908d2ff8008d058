import type { KnownVisit, Snapshot } from './snapshot.js';
import { MINUTE, type HeldTime, type SimulatedService, type World } from './world.js';

interface Busy {
  start: number;
  end: number;
  /** The group session of a seat; null for a single visit. */
  session: string | null;
}

/** What is taken of each doctor and room, by id. */
type BusyTimes = Map<string, Busy[]>;

/**
 * The free times of each service as the rules say them, computed from visits, holds and closures by another way than the application: the
 * texts `start doctorId`, by service. Every time that a cancellation, a move or an expired hold frees is in it, or somebody else has it.
 */
export function toFreeTimes(world: World, snapshot: Snapshot): Map<string, Set<string>> {
  const busy = toBusyTimes(world, snapshot);
  return new Map(
    world.services.map((service) => [
      service.id,
      new Set(
        world.days.flatMap((day) =>
          world
            .getGrid(day)
            .flatMap((start) =>
              toFreeDoctors(world, busy, service, { start, closeAt: world.getClosing(day) }).map((id) =>
                toTimeText(start, id),
              ),
            ),
        ),
      ),
    ]),
  );
}

export const toTimeText = (start: number, doctorId: string): string => `${new Date(start).toISOString()} ${doctorId}`;

/** The doctors with whom a service can be booked at a time. */
function toFreeDoctors(
  world: World,
  busyTimes: BusyTimes,
  service: SimulatedService,
  { start, closeAt }: { start: number; closeAt: number },
): string[] {
  const visitEnd = start + service.durationMinutes * MINUTE;
  if (start < world.now || visitEnd > closeAt) return [];
  const end = visitEnd + service.bufferAfterMinutes * MINUTE;
  const overlapping = (id: string): Busy[] =>
    (busyTimes.get(id) ?? []).filter((other) => other.start < end && start < other.end);
  if (service.needsRoom && !world.clinic.roomIds.some((id) => overlapping(id).length === 0)) return [];
  return world.clinic.doctorIds.filter((id) => {
    if (isClosed(world, id, start, visitEnd)) return false;
    const session = toSession(world, { serviceId: service.id, doctorId: id, start });
    const others = overlapping(id);
    return others.every((other) => session !== null && other.session === session) && others.length < service.capacity;
  });
}

export const isClosed = ({ closures }: World, id: string, start: number, end: number): boolean =>
  closures.some(({ doctorId, ...closed }) => (doctorId ?? id) === id && closed.start < end && start < closed.end);

/** The seats of a service with the same doctor and start are one session. */
export function toSession(
  world: World,
  { serviceId, doctorId, start }: { serviceId: string; doctorId: string; start: number },
): string | null {
  return world.service(serviceId).capacity > 1 ? `${serviceId} ${toTimeText(start, doctorId)}` : null;
}

function toBusyTimes(world: World, { visits, holds, offeredHolds }: Snapshot): BusyTimes {
  const busyTimes: BusyTimes = new Map();
  const add = (time: HeldTime | KnownVisit, end: number): void => {
    const busy = { start: time.start, end, session: toSession(world, time) };
    for (const id of [time.doctorId, ...time.resourceIds]) {
      const known = busyTimes.get(id);
      if (known) known.push(busy);
      else busyTimes.set(id, [busy]);
    }
  };
  for (const visit of visits) {
    const end = toReservedEnd(world, visit);
    if (end !== null) add(visit, end);
  }
  for (const held of [...holds, ...offeredHolds]) {
    const { durationMinutes, bufferAfterMinutes } = world.service(held.serviceId);
    add(held, held.start + (durationMinutes + bufferAfterMinutes) * MINUTE);
  }
  return busyTimes;
}

/** Until when a visit reserves its doctor and rooms; null if it reserves nothing. The buffer begins at the real end. */
export function toReservedEnd(world: World, visit: KnownVisit): number | null {
  const buffer = world.service(visit.serviceId).bufferAfterMinutes * MINUTE;
  if (visit.status === 'CANCELLED' || visit.status === 'NO_SHOW') return null;
  if (visit.status !== 'COMPLETED' || visit.completedAt === null) return visit.end + buffer;
  const end = Math.min(visit.end, visit.completedAt) + buffer;
  return end <= visit.start ? null : end;
}
