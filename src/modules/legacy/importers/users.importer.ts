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

interface DoctorToLink {
  key: string;
  id: string;
}

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
    const email = await this.findOwnAddress(item, run);
    const doctor = await this.findDoctor(item.role, email, run);
    const person = await this.toPerson(item, email, run);
    const id = await this.accounts.create({ ...person, role: doctor ? 'DOCTOR' : 'CLIENT' }, run);
    if (doctor) await this.linkDoctor(doctor, id, run);
    else await this.patients.save(id, item, run);
    return { id };
  }

  async update(item: LegacyUser, id: string, run: MigrationRun): Promise<Imported> {
    const user = await this.accounts.find(id);
    if (user?.role !== 'CLIENT') throw forbidden('Only patients are changed by a later run.');
    const person = await this.toPerson(item, this.toEmail(item, run), run);
    if (person.email !== user.email) run.warn('email', 'differs from the address here, which was not changed');
    const { isActive } = item;
    const password = await this.accounts.change(id, person, { country: run.country, isActive });
    if (password === 'SIGNED_IN_HERE') {
      run.warn('isActive', 'is false, but the person signs in here already: close the account here');
    } else if (password === 'NO_ADDRESS') {
      run.warn('password', 'was not migrated, because the account has no address to sign in with');
    }
    await this.patients.save(id, item, run);
    return { id };
  }

  /**
   * Without an address that an account here has already: who that is cannot be known, so nobody gets another person's records. The front
   * desk can merge the two.
   */
  private async findOwnAddress(item: LegacyUser, run: MigrationRun): Promise<string | null> {
    const email = this.toEmail(item, run);
    if (email === null || !(await this.accounts.isAddressTaken(email))) return email;
    run.warn('email', 'belongs to another account here: merge the two patients if they are one person');
    return null;
  }

  private async linkDoctor({ key, id }: DoctorToLink, userId: string, run: MigrationRun): Promise<void> {
    await this.doctors.change(run.actor, id, { userId }, null);
    await this.records.refreshVersion(run.sourceName, 'doctor', key);
  }

  /**
   * The doctor whose account the user gets; null for a patient. Anybody could choose a role at registration, so it alone gives no rights.
   * @param email the address that the account gets
   */
  private async findDoctor(role: string | null, email: string | null, run: MigrationRun): Promise<DoctorToLink | null> {
    if (role === null || PATIENT_ROLES.has(role.toLowerCase())) return null;
    const key = email === null ? undefined : run.doctorKeys.get(email);
    if (run.linksDoctors && role.toLowerCase() === 'doctor' && key !== undefined) {
      const id = await run.resolve('doctor', key, 'email');
      if (!(await this.records.hasAccount(id))) return { key, id };
    }
    run.warn('role', 'was not migrated: the account is a patient’s until an administrator changes its role');
    return null;
  }

  private async toPerson(item: LegacyUser, email: string | null, run: MigrationRun): Promise<MigratedPerson> {
    const { name, firstName, lastName, locale, timeZone } = item;
    const fullName = name ?? [firstName, lastName].filter(Boolean).join(' ');
    const given = firstName && lastName ? { firstName, lastName } : {};
    const names = await toRequest(Names, personNames({ name: fullName, ...given }));
    return {
      firstName: names.firstName,
      lastName: names.lastName,
      email,
      passwordHash: this.toPasswordHash(item, email, run),
      phone: await this.toPhone(item, run),
      role: 'CLIENT',
      timeZone: toZone(timeZone) ?? run.zone,
      locale: (locale ? languageTag(locale) : null) ?? run.locale,
    };
  }

  private toEmail({ email }: LegacyUser, run: MigrationRun): string | null {
    if (email === null) return null;
    const canonical = canonicalEmail(email);
    // isEmail throws for half a character.
    if (canonical.isWellFormed() && isEmail(canonical) && canonical.length <= MAX_EMAIL_CHARACTERS) return canonical;
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
