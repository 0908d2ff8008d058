import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { UserClinicsService } from './user-clinics.service.js';
import { emailTaken } from './users.errors.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

/** What an accepted invitation changes in an account, in the caller's transaction. */
@Injectable()
export class InvitedAccounts {
  constructor(
    private readonly repository: UsersRepository,
    private readonly users: UsersService,
    private readonly clinics: UserClinicsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Sets the password of an account that has none, and its verified address. Whoever proves that the address is theirs wins: an
   * unverified patient account that was registered with it is closed, unless it has visits. Those may be the person's own: they can
   * reset the password of that account, and claim the record.
   * @returns false if the account has a password already
   * @throws DomainError EMAIL_TAKEN if the address is that of another account: verified, of staff, or with visits
   */
  async activate(id: string, passwordHash: string, email: string): Promise<boolean> {
    await this.users.lockExisting(id);
    const owner = await this.repository.findOwner(email);
    if (owner && owner.id !== id) {
      if (owner.role !== 'CLIENT' || owner.emailVerified) throw emailTaken();
      if (await this.repository.hasVisits(owner.id)) throw emailTaken();
      await this.users.close(owner.id);
    }
    return this.repository.setFirstPassword(id, passwordHash, email, new Date(this.clock.now()));
  }

  /** Makes the person a member of the clinic. @throws DomainError VALIDATION_ERROR on `token` if the clinic was deleted */
  async joinClinic(id: string, clinicId: string): Promise<void> {
    await this.clinics.assertClinics([clinicId], 'token');
    await this.clinics.addClinic(id, clinicId);
  }
}
