import { invalid } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import type { Client } from './client.entity.js';
import { MAX_NOTES_CHARACTERS, type ChangeClient, type RecordFields } from './clients.dto.js';
import type { ClinicRecord } from './clients.repository.js';

const RECORD_FIELDS = ['dateOfBirth', 'sex', 'address', 'emergencyContact'] as const;

/** @throws DomainError VALIDATION_ERROR for a day that is in the future in every time zone */
export function assertDateOfBirth({ dateOfBirth }: RecordFields, now: number): void {
  const utc = Zone.of('UTC');
  const tomorrow = utc.addDays(utc.toDay(now), 1);
  if (dateOfBirth && dateOfBirth > tomorrow) {
    throw invalid({ field: 'dateOfBirth', error: 'must not be in the future' });
  }
}

/** Sets the fields of the request that belong to the patient's record. */
export function applyRecord(client: Client, request: RecordFields): void {
  for (const field of RECORD_FIELDS)
    if (request[field] !== undefined) Object.assign(client, { [field]: request[field] });
}

/** The fields of a request that belong to the clinic's record. An empty record number clears it. */
export const toClinicRecord = ({ mrn, notes }: Pick<ChangeClient, 'mrn' | 'notes'>): ClinicRecord => ({
  ...(mrn !== undefined && { mrn: mrn || null }),
  ...(notes !== undefined && { notes }),
});

/** @throws DomainError VALIDATION_ERROR for new notes that are too long. Joined ones of a merge may stay as long as they are. */
export function assertNotesFit(notes: string | null | undefined, stored: string | null): void {
  if (notes && notes.length > Math.max(MAX_NOTES_CHARACTERS, stored?.length ?? 0)) {
    throw invalid({ field: 'notes', error: `must be shorter than or equal to ${MAX_NOTES_CHARACTERS} characters` });
  }
}
