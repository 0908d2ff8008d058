import { Injectable } from '@nestjs/common';
import { invalid } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { PhoneNumbers } from './phone-numbers.js';
import { UserClinicsService } from './user-clinics.service.js';
import type { Place } from './user-clinics.repository.js';
import type { NewUser } from './users.repository.js';
import { UsersService, type UserFields } from './users.service.js';

/** A patient whom the front desk registers. Time zone and language default to the clinic's. */
type NewPatient = Pick<NewUser, 'email' | 'firstName' | 'lastName' | 'phone'> &
  Partial<Pick<NewUser, 'timeZone' | 'locale'>>;

/** A patient of another system. */
export type ImportedPatient = Omit<NewUser, 'passwordHash' | 'role' | 'hasIdentity' | 'emailVerifiedAt'>;

/** The accounts of patient records at the front desk. Methods that write run in the caller's transaction. */
@Injectable()
export class PatientAccounts {
  constructor(
    private readonly users: UsersService,
    private readonly clinics: UserClinicsService,
    private readonly phones: PhoneNumbers,
  ) {}

  /** Creates an account without a password, with its empty patient record, and registers the patient at the clinic. @returns its id */
  async register(person: NewPatient, clinicId: string): Promise<string> {
    await this.clinics.assertClinics([clinicId], 'clinicId');
    const place = await this.clinics.findPlace([clinicId]);
    const timeZone = person.timeZone ?? place?.timeZone ?? 'UTC';
    const locale = person.locale ?? place?.locale ?? 'en';
    const id = await this.users.insert(
      { ...person, id: newId(), passwordHash: null, role: 'CLIENT', timeZone, locale },
      { country: place?.country },
    );
    await this.clinics.registerAt(id, clinicId);
    return id;
  }

  /** The place of a clinic, for default values. @throws DomainError VALIDATION_ERROR if it does not exist */
  async getPlace(clinicId: string): Promise<Place> {
    const place = await this.clinics.findPlace([clinicId]);
    if (!place) throw invalid({ field: 'clinicId', error: 'must be a clinic that exists' });
    return place;
  }

  /** Converts a number to E.164. @throws DomainError VALIDATION_ERROR on `phone` */
  normalizePhone(
    person: Pick<ImportedPatient, 'phone' | 'timeZone' | 'locale'>,
    country: string | null,
  ): Promise<string | null> {
    return this.phones.normalizePersonPhone(person, country);
  }

  /** The blind indexes of those addresses that are verified for an account. */
  findVerifiedEmailIndexes(emailIndexes: readonly Buffer[]): Promise<Buffer[]> {
    return this.users.findVerifiedEmailIndexes(emailIndexes);
  }

  /** Creates accounts like `register`, but without patient records and without invitations. Numbers must be in E.164. */
  registerImported(people: readonly ImportedPatient[]): Promise<void> {
    return this.users.insertImported(people.map((person) => ({ ...person, passwordHash: null, role: 'CLIENT' })));
  }

  /** @param clinicId the clinic whose country a telephone number without a country code is in */
  async change(id: string, fields: UserFields, clinicId: string | null): Promise<void> {
    const place = await this.clinics.findPlace(clinicId === null ? [] : [clinicId]);
    await this.users.update(await this.users.lockExisting(id), fields, { country: place?.country ?? null });
  }

  /** The countries in which a telephone number is searched at these clinics. */
  getSearchCountries(typed: string, clinicIds: readonly string[]): Promise<string[]> {
    return this.phones.getSearchCountries(typed, clinicIds);
  }
}
