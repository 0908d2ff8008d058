import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { AccountAccessRepository } from './account-access.repository.js';
import { AccountAccess } from './account-access.js';
import type { User } from './user.entity.js';
import { UsersRepository, type NewUser } from './users.repository.js';

type Person = Pick<NewUser, 'firstName' | 'lastName' | 'phone'>;

/** An account that gets back the patient record that it had before a merge. */
interface SeparatedAccount {
  userId: string;
  clientId: string;
  person: Person;
}

interface ReopenedAccount extends SeparatedAccount {
  /** Whether somebody signed in with the account before it was closed. */
  signsIn: boolean;
  identities: readonly { provider: string; subject: string }[];
}

/** Undoes `UsersService.takeOver`, in the caller's transaction. Access tokens in use get the record's id at once. */
@Injectable()
export class MergedAccountsService {
  constructor(
    private readonly repository: UsersRepository,
    private readonly accessRepository: AccountAccessRepository,
    private readonly access: AccountAccess,
    private readonly clock: Clock,
  ) {}

  /** Opens the account that the merge closed, with its password and its identities at providers. @throws DomainError EMAIL_TAKEN */
  async reopen({ userId, clientId, person, signsIn, identities }: ReopenedAccount): Promise<void> {
    const user = await this.repository.lock(userId);
    if (!user?.deletedAt) throw notFound();
    if (signsIn && user.email && (await this.repository.findOwner(user.email))) throw addressInUse();
    user.deletedAt = null;
    user.hasIdentity = await this.accessRepository.restoreIdentities(userId, identities);
    await this.save(user, person);
    await this.access.announceClient(user, clientId);
  }

  /** Gives the account that stayed open its own record. */
  async giveBack({ userId, clientId, person }: SeparatedAccount): Promise<void> {
    const user = await this.repository.lock(userId);
    if (!user || user.deletedAt) throw notFound();
    await this.save(user, person);
    await this.access.announceClient(user, clientId);
  }

  private async save(user: User, { firstName, lastName, phone }: Person): Promise<void> {
    Object.assign(user, { firstName, lastName, phone });
    await this.repository.saveNewVersion(user, new Date(this.clock.now()), { authorizationChanged: true });
  }
}

const addressInUse = (): DomainError =>
  new DomainError(
    'EMAIL_TAKEN',
    'Somebody registered with the e-mail address of the merged record. Change that address first, then try again.',
  );
