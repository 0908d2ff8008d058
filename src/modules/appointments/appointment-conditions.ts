import type { Actor } from '../../core/kernel/actor.js';
import type { BindValue } from '../../core/http/page.js';
import type { AppointmentsQuery } from './appointments.dto.js';

/** Which appointments a list has. */
export interface ListFilter extends Omit<AppointmentsQuery, 'from' | 'to' | 'timeZone' | 'q' | 'updatedSince'> {
  /** Epoch milliseconds, [from, to). */
  from?: number;
  to?: number;
  updatedSince?: number;
  /** The SQL condition that a column has the id of a patient who matches the search. */
  searchCondition?: (column: string, bind: BindValue) => string;
}

/** Limits a list to what the actor may see, in the query itself. */
export function visibleTo(actor: Actor, bind: BindValue): string[] {
  switch (actor.role) {
    case 'ADMIN':
      return ['true'];
    case 'CLIENT':
      return [`a.client_id = ${bind(actor.clientId)}::uuid`];
    case 'DOCTOR':
      return [`a.doctor_id = ${bind(actor.doctorId)}::uuid`];
    default:
      // For one clinic, the usual case, by equality: only then the index also provides the order.
      return actor.clinicIds.length === 1
        ? [`a.clinic_id = ${bind(actor.clinicIds[0])}::uuid`]
        : [`a.clinic_id = ANY (${bind(actor.clinicIds)}::uuid[])`];
  }
}

/** The conditions of a filter on `appointment a`. */
export function matching(filter: ListFilter, bind: BindValue): string[] {
  const conditions: string[] = [];
  const instant = (value: number): string => `${bind(new Date(value).toISOString())}::timestamptz`;
  if (filter.from !== undefined) conditions.push(`a.start_at >= ${instant(filter.from)}`);
  if (filter.to !== undefined) conditions.push(`a.start_at < ${instant(filter.to)}`);
  if (filter.status) conditions.push(`a.status = ANY (${bind(filter.status)}::text[])`);
  if (filter.doctorId) conditions.push(`a.doctor_id = ${bind(filter.doctorId)}::uuid`);
  if (filter.clientId) conditions.push(`a.client_id = ${bind(filter.clientId)}::uuid`);
  if (filter.clinicId) conditions.push(`a.clinic_id = ${bind(filter.clinicId)}::uuid`);
  if (filter.serviceId) conditions.push(`a.service_id = ${bind(filter.serviceId)}::uuid`);
  if (filter.resourceId) conditions.push(`${bind(filter.resourceId)}::uuid = ANY (a.resource_ids)`);
  if (filter.checkedIn !== undefined) conditions.push(`a.checked_in_at IS ${filter.checkedIn ? 'NOT ' : ''}NULL`);
  if (filter.updatedSince !== undefined) conditions.push(`a.updated_at >= ${instant(filter.updatedSince)}`);
  if (filter.searchCondition) conditions.push(filter.searchCondition('a.client_id', bind));
  return conditions;
}
