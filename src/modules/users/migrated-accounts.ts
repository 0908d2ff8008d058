import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { AccountAccess } from './account-access.js';
import { Passwords } from './passwords.js';
import type { User } from './user.entity.js';
import { UserClinicsService } from './user-clinics.service.js';
import type { UserView } from './users.dto.js';
import { UsersRepository, type NewUser } from './users.repository.js';
import { UsersService } from './users.service.js';

/** A person of another system. */
export type MigratedPerson = Pick<
  NewUser,
  'email' | 'passwordHash' | 'firstName' | 'lastName' | 'phone' | 'timeZone' | 'locale'
> & { role: 'CLIENT' | 'DOCTOR' };

type PasswordOutcome =
  | 'SAME'
  /** The account is not active in the other system, but the person signs in here with a password or identity of their own. */
  | 'SIGNED_IN_HERE'
  /** The account has no address to sign in with. */
  | 'NO_ADDRESS';

/** The clinic that the person comes to, or works for. Its country is that of telephone numbers without a country code. */
interface ImportingClinic {
  clinicId: string;
  country: string | null;
}

/** Accounts that come from another system. Nobody gets a message. All methods run in the caller's transaction. */
@Injectable()
export class MigratedAccounts {
  constructor(
    private readonly users: UsersService,
    private readonly repository: UsersRepository,
    private readonly clinics: UserClinicsService,
    private readonly passwords: Passwords,
    private readonly access: AccountAccess,
  ) {}

  /** Whether the person can go on signing in with a password that another system hashed. */
  acceptsHash(hash: string): boolean {
    return this.passwords.accepts(hash);
  }

  /** Converts a telephone number; null for a text that is none. */
  async toE164(typed: string | null, country: string | null): Promise<string | null> {
    try {
      return await this.clinics.toE164(typed, country);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'VALIDATION_ERROR') return null;
      throw error;
    }
  }

  /** Whether an account has the address for itself, so that nobody else can have it. */
  async isAddressTaken(email: string): Promise<boolean> {
    return (await this.repository.findOwner(email)) !== null;
  }

  find(id: string): Promise<UserView | null> {
    return this.users.find(id);
  }

  /** @throws DomainError EMAIL_TAKEN */
  async create(person: MigratedPerson, { clinicId, country }: ImportingClinic): Promise<string> {
    const id = await this.users.insert({ ...person, id: newId() }, { country, isAnnounced: false });
    if (person.role === 'CLIENT') await this.clinics.registerAt(id, clinicId);
    else await this.clinics.setFirstClinics({ id, role: person.role }, [clinicId]);
    return id;
  }

  /**
   * Changes name, telephone number and, as long as the person has not signed in here, the password of a patient. Nobody can sign in any
   * longer with the password of an account that is not active in the other system.
   * @returns whether the password is the same as in the other system
   */
  async change(
    id: string,
    person: MigratedPerson,
    { country, isActive }: { country: string | null; isActive: boolean },
  ): Promise<PasswordOutcome> {
    const { firstName, lastName, phone } = person;
    const user = await this.users.lockExisting(id);
    const stored = await this.repository.findPasswordHash(id);
    const isFromOtherSystem = stored === null || this.passwords.isOutdated(stored);
    const options = { country, authorizationChanged: !isActive && isFromOtherSystem };
    await this.users.update(user, { firstName, lastName, phone }, options);
    if (!isActive && (!isFromOtherSystem || user.hasIdentity)) return 'SIGNED_IN_HERE';
    if (!isActive) return this.removePassword(id, stored);
    return isFromOtherSystem ? this.setPassword(user, person, stored) : 'SAME';
  }

  private async removePassword(id: string, stored: string | null): Promise<PasswordOutcome> {
    if (stored !== null) await this.repository.setPasswordHash(id, null, stored);
    await this.access.endSessions(id, 'not active in the other system');
    return 'SAME';
  }

  private async setPassword(
    { id, email: ownEmail }: Pick<User, 'id' | 'email'>,
    { email, passwordHash }: MigratedPerson,
    stored: string | null,
  ): Promise<PasswordOutcome> {
    if (passwordHash === null || passwordHash === stored) return 'SAME';
    // With its first password, an account gets its address for itself.
    if (stored === null && (ownEmail === null || ownEmail !== email || (await this.isAddressTaken(ownEmail)))) {
      return 'NO_ADDRESS';
    }
    await this.repository.setPasswordHash(id, passwordHash, stored);
    return 'SAME';
  }
}
