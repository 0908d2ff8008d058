import type { Actor } from '../../core/kernel/actor.js';
import type { Take } from '../../core/http/page.js';
import type { AppointmentsQuery } from './appointments.dto.js';

/** Which appointments a list has. */
export interface ListFilter extends Omit<AppointmentsQuery, 'from' | 'to' | 'timeZone' | 'q' | 'updatedSince'> {
  /** Epoch milliseconds, [from, to). */
  from?: number;
  to?: number;
  updatedSince?: number;
  /** The SQL condition that a column has the id of a patient who matches the search. */
  isFound?: (column: string, take: Take) => string;
}

/** Limits a list to what the actor may see, in the query itself. */
export function visibleTo(actor: Actor, take: Take): string[] {
  switch (actor.role) {
    case 'ADMIN':
      return ['true'];
    case 'CLIENT':
      return [`a.client_id = ${take(actor.clientId)}::uuid`];
    case 'DOCTOR':
      return [`a.doctor_id = ${take(actor.doctorId)}::uuid`];
    default:
      // For one clinic, the usual case, by equality: only then the index also provides the order.
      return actor.clinicIds.length === 1
        ? [`a.clinic_id = ${take(actor.clinicIds[0])}::uuid`]
        : [`a.clinic_id = ANY (${take(actor.clinicIds)}::uuid[])`];
  }
}

/** The conditions of a filter on `appointment a`. */
export function matching(filter: ListFilter, take: Take): string[] {
  const conditions: string[] = [];
  const instant = (value: number): string => `${take(new Date(value).toISOString())}::timestamptz`;
  if (filter.from !== undefined) conditions.push(`a.start_at >= ${instant(filter.from)}`);
  if (filter.to !== undefined) conditions.push(`a.start_at < ${instant(filter.to)}`);
  if (filter.status) conditions.push(`a.status = ANY (${take(filter.status)}::text[])`);
  if (filter.doctorId) conditions.push(`a.doctor_id = ${take(filter.doctorId)}::uuid`);
  if (filter.clientId) conditions.push(`a.client_id = ${take(filter.clientId)}::uuid`);
  if (filter.clinicId) conditions.push(`a.clinic_id = ${take(filter.clinicId)}::uuid`);
  if (filter.serviceId) conditions.push(`a.service_id = ${take(filter.serviceId)}::uuid`);
  if (filter.resourceId) conditions.push(`${take(filter.resourceId)}::uuid = ANY (a.resource_ids)`);
  if (filter.checkedIn !== undefined) conditions.push(`a.checked_in_at IS ${filter.checkedIn ? 'NOT ' : ''}NULL`);
  if (filter.updatedSince !== undefined) conditions.push(`a.updated_at >= ${instant(filter.updatedSince)}`);
  if (filter.isFound) conditions.push(filter.isFound('a.client_id', take));
  return conditions;
}
