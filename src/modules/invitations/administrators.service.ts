import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { AccountLinkTokens } from '../account-links/index.js';
import { UsersService } from '../users/index.js';
import { InvitationsRepository } from './invitations.repository.js';
import { InvitationsService } from './invitations.service.js';

interface NewAdministrator {
  email: string;
  firstName: string;
  lastName: string;
  locale: string;
}

interface CreatedAdministrator {
  invitationId: string;
  url: string;
}

/** Creates administrators on the server (tools/create-admin.ts). No route does this for the first one. */
@Injectable()
export class AdministratorsService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly repository: InvitationsRepository,
    private readonly invitations: InvitationsService,
    private readonly tokens: AccountLinkTokens,
  ) {}

  /**
   * Creates the account of an administrator without a password, and an invitation to it. If the account exists and has no
   * password, only sends another invitation.
   * @param isForced whether to create another administrator if there is one already
   * @throws DomainError ALREADY_EXISTS, EMAIL_TAKEN
   */
  async create(person: NewAdministrator, { isForced }: { isForced: boolean }): Promise<CreatedAdministrator> {
    return this.db.transaction(async () => {
      await this.repository.lockAdministrators();
      if (!isForced && (await this.repository.hasAdministrator())) {
        throw new DomainError(
          'ALREADY_EXISTS',
          'There is an administrator already. Add --force to create another one.',
        );
      }
      const userId = (await this.findWithoutSignIn(person.email)) ?? (await this.insert(person));
      const invitationId = await this.invitations.invite(userId, { clinicId: null, wasRequested: true });
      return { invitationId, url: this.tokens.getUrl('accept-invitation', invitationId) };
    });
  }

  /** The state of the message with an invitation. */
  getMessageState(invitationId: string): Promise<string | null> {
    return this.repository.getMessageState(invitationId);
  }

  /** The administrator with the address, if they cannot sign in yet. */
  private async findWithoutSignIn(email: string): Promise<string | null> {
    const owner = await this.users.findOwner(email);
    if (owner?.role !== 'ADMIN') return null;
    const invitee = await this.repository.findInvitee(owner.id);
    return invitee && !invitee.canSignIn ? owner.id : null;
  }

  private insert(person: NewAdministrator): Promise<string> {
    const account = {
      id: newId(),
      passwordHash: null,
      role: 'ADMIN',
      phone: null,
      timeZone: 'UTC',
      ...person,
    } as const;
    return this.users.insert(account, { actor: { userId: null, role: 'COMMAND' } });
  }
}
