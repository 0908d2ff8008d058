import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { Proof } from '../../core/security/fresh-proof.js';
import { UserManagementService, UsersService, type ChangeUser, type UserView } from '../users/index.js';
import type { Device } from './device.js';
import { EmailChangeService } from './email-change.service.js';
import { ReauthenticationService } from './mfa/reauthentication.service.js';

/** Changes accounts. A new address needs fresh proof of identity; a user's own one takes effect when it is verified. */
@Injectable()
export class AccountChangeService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly management: UserManagementService,
    private readonly reauthentication: ReauthenticationService,
    private readonly emailChanges: EmailChangeService,
  ) {}

  /** @throws DomainError NOT_FOUND, FORBIDDEN, VERSION_MISMATCH, VALIDATION_ERROR, EMAIL_TAKEN, RATE_LIMITED */
  async change(
    actor: Actor,
    id: string,
    request: ChangeUser & Proof,
    version: number | null,
    device: Device,
  ): Promise<UserView> {
    const { password, otp, ...changes } = request;
    const { email, ...changesWithoutEmail } = changes;
    // Nobody but an ADMIN may change the address of somebody else: `management` refuses it, before the proof is looked at.
    const mayChangeEmail = actor.userId === id || actor.role === 'ADMIN';
    if (email === undefined || !mayChangeEmail) return this.management.change(actor, id, changes, version);
    const before = await this.users.get(actor, id);
    if (email === before.email) return this.management.change(actor, id, changesWithoutEmail, version);
    await this.reauthentication.assertFresh(actor, { password, otp }, device);
    if (actor.userId !== id) return this.management.change(actor, id, changes, version);
    await this.emailChanges.countRequest(actor);
    return this.db.transaction(async () => {
      const after = await this.management.change(actor, id, changesWithoutEmail, version);
      await this.reauthentication.assertSessionOpen(actor);
      await this.emailChanges.request(actor, email);
      return after;
    });
  }
}
