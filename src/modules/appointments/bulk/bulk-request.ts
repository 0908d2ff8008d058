import type { Actor } from '../../../core/kernel/actor.js';
import { invalid } from '../../../core/kernel/domain-error.js';
import type { BulkChangeRequest } from './bulk.dto.js';

/** A bulk change that has begun. */
export interface BulkContext {
  bulkId: string;
  actor: Actor;
  request: BulkChangeRequest;
}

/** How often other times are searched for if bookings take those that were found. */
export const MAX_SEARCHES = 10;

/** Whether each visit moves to a time that is searched for. */
export const searchesForTimes = ({ action, to }: BulkChangeRequest): boolean =>
  action === 'MOVE' && !to?.date && !to?.doctorId;

/** @throws DomainError VALIDATION_ERROR unless the appointments are given in exactly one way, and a target only for a move */
export function assertBulkRequest({ action, appointmentIds, doctorId, date, groupId, to }: BulkChangeRequest): void {
  if (to && action !== 'MOVE') throw invalid({ field: 'to', error: 'is only for MOVE' });
  if (doctorId && !date) throw invalid({ field: 'date', error: 'must be given together with doctorId' });
  if (date && !doctorId) throw invalid({ field: 'doctorId', error: 'must be given together with date' });
  const given = [appointmentIds, doctorId, groupId].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw invalid({ field: 'appointmentIds', error: 'give either appointmentIds, or doctorId and date, or groupId' });
  }
}
