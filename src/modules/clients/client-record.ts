import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import type { Client } from './client.entity.js';
import type { RecordFields } from './clients.dto.js';
import type { ClientsRepository, ClinicRecord } from './clients.repository.js';

const EARLIEST_BIRTH = '1900-01-01';
const RECORD = ['dateOfBirth', 'sex', 'address', 'emergencyContact'] as const;

/** @throws DomainError VALIDATION_ERROR for a day that has begun nowhere on Earth: one after tomorrow in UTC, or before 1900 */
export function assertBirth({ dateOfBirth }: RecordFields, now: number): void {
  const utc = Zone.of('UTC');
  const tomorrow = utc.addDays(utc.dayOf(now), 1);
  if (dateOfBirth && (dateOfBirth < EARLIEST_BIRTH || dateOfBirth > tomorrow)) {
    throw invalid({ field: 'dateOfBirth', error: 'must be a day in the past' });
  }
}

export function applyRecord(client: Client, request: RecordFields): void {
  for (const field of RECORD) if (request[field] !== undefined) Object.assign(client, { [field]: request[field] });
}

/** What of a request belongs to the clinic, not to the patient. An empty number is none. */
export const clinicRecordOf = ({ mrn, notes }: RecordFields): ClinicRecord => ({
  ...(mrn !== undefined && { mrn: mrn || null }),
  ...(notes !== undefined && { notes }),
});

/** The unique index decides a race; asking first keeps the number out of the database's log. */
export async function assertFreeNumber(
  clients: ClientsRepository,
  mrn: string | null | undefined,
  clinicId: string,
  clientId: string,
): Promise<void> {
  if (mrn && (await clients.isTaken(mrn, clinicId, clientId))) {
    throw new DomainError('ALREADY_EXISTS', 'Another patient of this clinic has this record number (MRN).');
  }
}
