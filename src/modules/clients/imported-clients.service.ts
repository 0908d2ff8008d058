import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, type ErrorCode, type FieldError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { PatientAccounts } from '../users/index.js';
import { assertDateOfBirth } from './client-record.js';
import type { CreateClient } from './clients.dto.js';
import { ImportedClientKeys } from './imported-client-keys.js';
import { ImportedClientWriter, type NewImportedClient } from './imported-client-writer.js';
import { ImportedClientsRepository } from './imported-clients.repository.js';
import { isSurelySame, KnownPatients, type PatientKeys } from './known-patients.js';

export type ImportedClientOutcome =
  /** isSure: the patient is new, or has the same record number (MRN) or date of birth. */
  { id: string; isNew: boolean; isSure: boolean } | { code: ErrorCode; errors: FieldError[] };

/** How a row names a patient. */
export interface PatientReference {
  name?: string;
  phone?: string;
  email?: string;
  dateOfBirth?: string;
  mrn?: string;
}

/** What a clinic gives its patients as default values. */
type ClinicDefaults = Awaited<ReturnType<PatientAccounts['getPlace']>>;

/**
 * Registers many patients of another system at a clinic. A patient whom the clinic already has stays as they are. Nobody gets an
 * invitation.
 */
@Injectable()
export class ImportedClientsService {
  constructor(
    private readonly accounts: PatientAccounts,
    private readonly keys: ImportedClientKeys,
    private readonly clients: ImportedClientsRepository,
    private readonly writer: ImportedClientWriter,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs in the caller's transaction. The caller must manage the clinic.
   * @param requests valid by the rules of their class
   * @returns an outcome for each request, in their order
   * @throws DomainError ALREADY_EXISTS if somebody registers a patient with one of the record numbers at the same time
   */
  async register(clinicId: string, requests: readonly CreateClient[]): Promise<ImportedClientOutcome[]> {
    const place = await this.accounts.getPlace(clinicId);
    const prepared = await Promise.all(requests.map((request) => this.prepare(request, place)));
    const valid = prepared.filter((one): one is NewImportedClient => 'keys' in one);
    const known = new KnownPatients(
      await this.clients.findByKeys(
        clinicId,
        valid.map(({ keys }) => keys),
      ),
    );
    const verified = await this.findVerified(valid);
    const added: NewImportedClient[] = [];
    const outcomes = prepared.map((one): ImportedClientOutcome => {
      if (!('keys' in one)) return one;
      const same = known.findSame(one.keys);
      if (same) return { id: same.id, isNew: false, isSure: isSurelySame(same, one.keys) };
      const refusal = refuse(one, known, verified);
      if (refusal) return refusal;
      known.add(one.keys);
      added.push(one);
      return { id: one.keys.id, isNew: true, isSure: true };
    });
    await this.writer.write(clinicId, added);
    return outcomes;
  }

  /**
   * Finds the patients of the clinic that visits refer to, by name, record number, telephone number, address or date of birth.
   * @returns an id for each; null if there is no such patient, or if it can be several
   */
  async find(clinicId: string, people: readonly PatientReference[]): Promise<(string | null)[]> {
    const place = await this.accounts.getPlace(clinicId);
    const keys = await Promise.all(people.map((person) => this.toKeys(person, place)));
    const known = new KnownPatients(await this.clients.findByKeys(clinicId, keys));
    const names = keys.flatMap(({ firstName, lastName }) => `${firstName} ${lastName}`.trim() || []);
    const byName = names.length > 0 ? await this.clients.findByNames(clinicId, names) : [];
    return keys.map((one) => known.findReferenced(one, byName)?.id ?? null);
  }

  /** The keys of a reference. A text that is not a telephone number is left out: it does not find anybody. */
  private async toKeys(
    { name = '', phone, email, dateOfBirth, mrn }: PatientReference,
    place: ClinicDefaults,
  ): Promise<PatientKeys> {
    const { timeZone, locale, country } = place;
    const number = phone
      ? await this.accounts.normalizePhone({ phone, timeZone, locale }, country).catch(() => null)
      : null;
    const keys = { email: email ?? null, phone: number, dateOfBirth: dateOfBirth ?? null, mrn: mrn ?? null };
    return this.keys.compute({ id: '', firstName: name, lastName: '', ...keys });
  }

  private async prepare(
    request: CreateClient,
    place: ClinicDefaults,
  ): Promise<NewImportedClient | ImportedClientOutcome> {
    const { firstName, lastName, email = null, timeZone = place.timeZone, locale = place.locale } = request;
    const person = { firstName, lastName, email, phone: request.phone ?? null, timeZone, locale };
    try {
      assertDateOfBirth(request, this.clock.now());
      person.phone = await this.accounts.normalizePhone(person, place.country);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'VALIDATION_ERROR') throw error;
      return { code: error.code, errors: error.details as FieldError[] };
    }
    const { dateOfBirth = null, mrn = null } = request;
    const keys = await this.keys.compute({ id: newId(), ...person, dateOfBirth, mrn });
    return { request, person, keys };
  }

  private async findVerified(patients: readonly NewImportedClient[]): Promise<Set<string>> {
    const indexes = patients.flatMap(({ keys }) => keys.emailIndex ?? []);
    const found = indexes.length > 0 ? await this.accounts.findVerifiedEmailIndexes(indexes) : [];
    return new Set(found.map((index) => index.toString('hex')));
  }
}

function refuse(
  { keys }: NewImportedClient,
  known: KnownPatients,
  verified: ReadonlySet<string>,
): ImportedClientOutcome | null {
  if (known.hasMrn(keys))
    return {
      code: 'ALREADY_EXISTS',
      errors: [{ field: 'mrn', error: 'belongs to another patient of this clinic' }],
    };
  if (keys.emailIndex && verified.has(keys.emailIndex.toString('hex')))
    return { code: 'EMAIL_TAKEN', errors: [{ field: 'email', error: 'belongs to an account that already exists' }] };
  return null;
}
