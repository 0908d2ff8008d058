import { Injectable } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { PersonName } from '../../../core/http/text.js';
import { forbidden } from '../../../core/kernel/domain-error.js';
import { canonicalEmail } from '../../../core/kernel/email.js';
import { languageTag } from '../../../core/kernel/locale.js';
import { canonicalZoneName } from '../../../core/kernel/zone-names.js';
import { Zone } from '../../../core/kernel/zone.js';
import { DoctorsService } from '../../doctors/index.js';
import { personNames } from '../../neuroaid/index.js';
import { MigratedAccounts, type MigratedPerson } from '../../users/index.js';
import type { LegacyUser } from '../legacy-data.js';
import { LegacyRecordsRepository } from '../legacy-records.repository.js';
import type { MigrationRun } from '../migration-run.js';
import { Importers, toRequest, type Imported, type Importer } from './importer.js';
import { PatientRecords } from './patient-records.js';

const MAX_EMAIL_CHARACTERS = 254;
const PATIENT_ROLES = new Set(['client', 'patient', 'user']);

class Names {
  @PersonName()
  firstName: string;

  @PersonName()
  lastName: string;
}

/** People: patients, and doctors who sign in. */
@Injectable()
export class UsersImporter implements Importer<'user'> {
  constructor(
    importers: Importers,
    private readonly accounts: MigratedAccounts,
    private readonly doctors: DoctorsService,
    private readonly patients: PatientRecords,
    private readonly records: LegacyRecordsRepository,
  ) {
    importers.register('user', this);
  }

  async create(item: LegacyUser, run: MigrationRun): Promise<Imported> {
    const doctorKey = this.findDoctor(item, run);
    const person = await this.toPerson(
      await this.withOwnAddress(item, run),
      doctorKey === null ? 'CLIENT' : 'DOCTOR',
      run,
    );
    const id = await this.accounts.create(person, run);
    if (doctorKey === null) await this.patients.save(id, item, run);
    else await this.linkDoctor(doctorKey, id, run);
    return { id };
  }

  async update(item: LegacyUser, id: string, run: MigrationRun): Promise<Imported> {
    const user = await this.accounts.find(id);
    if (user?.role !== 'CLIENT') throw forbidden('Only patients are changed by a later run.');
    const person = await this.toPerson(item, 'CLIENT', run);
    if (person.email !== user.email) run.warn('email', 'differs from the address here, which was not changed');
    await this.accounts.change(id, person, run.country);
    await this.patients.save(id, item, run);
    return { id };
  }

  /**
   * Without an address that an account here has already: who that is cannot be known, so nobody gets another person's records. The front
   * desk can merge the two.
   */
  private async withOwnAddress(item: LegacyUser, run: MigrationRun): Promise<LegacyUser> {
    if (item.email === null || !(await this.accounts.isAddressTaken(canonicalEmail(item.email)))) return item;
    run.warn('email', 'belongs to another account here: merge the two patients if they are one person');
    return { ...item, email: null };
  }

  private async linkDoctor(doctorKey: string, userId: string, run: MigrationRun): Promise<void> {
    const doctorId = await run.resolve('doctor', doctorKey, 'email');
    await this.doctors.change(run.actor, doctorId, { userId }, null);
    await this.records.refreshVersion(run.sourceName, 'doctor', doctorKey);
  }

  /** The doctor whose account the user gets; null for a patient. Anybody could choose a role at registration, so it alone gives no rights. */
  private findDoctor({ role, email }: LegacyUser, run: MigrationRun): string | null {
    if (role === null || PATIENT_ROLES.has(role.toLowerCase())) return null;
    const doctorKey = email ? (run.doctorKeys.get(canonicalEmail(email)) ?? null) : null;
    if (run.linksDoctors && role.toLowerCase() === 'doctor' && doctorKey !== null) return doctorKey;
    run.warn('role', 'was not migrated: the account is a patient’s until an administrator changes its role');
    return null;
  }

  private async toPerson(item: LegacyUser, role: MigratedPerson['role'], run: MigrationRun): Promise<MigratedPerson> {
    const { name, firstName, lastName, locale, timeZone } = item;
    const fullName = name ?? [firstName, lastName].filter(Boolean).join(' ');
    const given = firstName && lastName ? { firstName, lastName } : {};
    const names = await toRequest(Names, personNames({ name: fullName, ...given }));
    const email = this.toEmail(item, run);
    return {
      firstName: names.firstName,
      lastName: names.lastName,
      email,
      passwordHash: this.toPasswordHash(item, email, run),
      phone: await this.toPhone(item, run),
      role,
      timeZone: toZone(timeZone) ?? run.zone,
      locale: (locale ? languageTag(locale) : null) ?? run.locale,
    };
  }

  private toEmail({ email }: LegacyUser, run: MigrationRun): string | null {
    if (email === null) return null;
    const canonical = canonicalEmail(email);
    if (isEmail(canonical) && canonical.length <= MAX_EMAIL_CHARACTERS) return canonical;
    run.warn('email', 'is not an e-mail address');
    return null;
  }

  private toPasswordHash(
    { passwordHash, isActive }: LegacyUser,
    email: string | null,
    run: MigrationRun,
  ): string | null {
    const refuse = (reason: string): null => {
      run.warn('password', reason);
      return null;
    };
    if (!isActive) return refuse('was not migrated, because the account is not active');
    if (passwordHash === null) return null;
    if (email === null) return refuse('was not migrated, because there is no address to sign in with');
    if (this.accounts.acceptsHash(passwordHash)) return passwordHash;
    return refuse('is not a supported hash: invite the person to choose a new password');
  }

  private async toPhone({ phone }: LegacyUser, run: MigrationRun): Promise<string | null> {
    const number = await this.accounts.toE164(phone, run.country);
    if (number === null && phone !== null) run.warn('phone', 'is not a telephone number');
    return number;
  }
}

function toZone(name: string | null): string | null {
  const zone = name === null ? null : canonicalZoneName(name);
  return zone !== null && Zone.isValid(zone) ? zone : null;
}
