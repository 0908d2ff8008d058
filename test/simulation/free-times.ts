import type { Snapshot } from './snapshot.js';
import { MINUTE, type SimulatedService, type World } from './world.js';

interface Busy {
  /** The doctor's or the room's id. */
  id: string;
  start: number;
  end: number;
}

/**
 * The free times of a service as the rules say them, computed from visits and holds by another way than the application: `start doctorId`.
 * Every time that a cancellation, a move or an expired hold frees is in it, or somebody else has it.
 */
export function toFreeTimes(world: World, service: SimulatedService, { visits, holds }: Snapshot): string[] {
  const busy: Busy[] = [];
  for (const visit of visits) {
    const end = toReservedEnd(world, visit);
    if (end === null) continue;
    for (const id of [visit.doctorId, ...visit.resourceIds]) busy.push({ id, start: visit.start, end });
  }
  for (const { doctorId, serviceId, start, resourceIds } of holds) {
    const { durationMinutes, bufferAfterMinutes } = world.service(serviceId);
    const end = start + (durationMinutes + bufferAfterMinutes) * MINUTE;
    for (const id of [doctorId, ...resourceIds]) busy.push({ id, start, end });
  }
  const isFree = (id: string, start: number, end: number): boolean =>
    !busy.some((other) => other.id === id && other.start < end && start < other.end);
  return world.grid.flatMap((start) => {
    const visitEnd = start + service.durationMinutes * MINUTE;
    if (start < world.now || visitEnd > world.closeAt) return [];
    const end = visitEnd + service.bufferAfterMinutes * MINUTE;
    if (service.needsRoom && !world.clinic.roomIds.some((id) => isFree(id, start, end))) return [];
    return world.clinic.doctorIds
      .filter((id) => isFree(id, start, end))
      .map((id) => `${new Date(start).toISOString()} ${id}`);
  });
}

/** Until when a visit reserves its doctor and rooms; null if it reserves nothing. */
function toReservedEnd(world: World, visit: Snapshot['visits'][number]): number | null {
  const buffer = world.service(visit.serviceId).bufferAfterMinutes * MINUTE;
  if (visit.status === 'CANCELLED' || visit.status === 'NO_SHOW') return null;
  if (visit.status !== 'COMPLETED' || visit.completedAt === null) return visit.end + buffer;
  return visit.completedAt <= visit.start ? null : Math.min(visit.end, visit.completedAt) + buffer;
}
