import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { Device } from '../device.js';
import { ReauthenticationService } from '../mfa/reauthentication.service.js';
import { SecondFactor } from '../mfa/second-factor.service.js';
import { IdentitiesService } from './identities.service.js';
import type { IdentityView } from './oidc.dto.js';
import { ProviderCodes, type CodeProof } from './provider-codes.js';

/** Links and removes identities in an open session and with its proof, and lets users prove who they are at a provider. */
@Injectable()
export class IdentityLinksService {
  constructor(
    private readonly db: Database,
    private readonly codes: ProviderCodes,
    private readonly identities: IdentitiesService,
    private readonly reauthentication: ReauthenticationService,
    private readonly secondFactor: SecondFactor,
  ) {}

  /** @throws DomainError VALIDATION_ERROR, FORBIDDEN without fresh proof, ALREADY_EXISTS */
  async link(actor: Actor, proof: CodeProof, device: Device): Promise<IdentityView> {
    await this.reauthentication.assertFresh(actor, {}, device);
    return this.inOpenSession(actor, async () => this.identities.link(await this.codes.use(proof, 'LINK', actor)));
  }

  /** @throws DomainError NOT_FOUND, INVALID_TRANSITION for the last way to sign in */
  remove(actor: Actor, id: string): Promise<null> {
    return this.inOpenSession(actor, () => this.identities.remove(actor, id));
  }

  /** @throws DomainError VALIDATION_ERROR, MFA_REQUIRED, MFA_INVALID; the one-time code is then not used */
  async prove(actor: Actor, proof: CodeProof, otp: string | undefined): Promise<null> {
    await this.secondFactor.check(actor.userId, otp, () =>
      this.db.transaction(async () => {
        await this.codes.use(proof, 'REAUTHENTICATE', actor);
        await this.reauthentication.markProven(actor);
      }),
    );
    return null;
  }

  /** Does work that locks the account, unless the session has ended while it waited for the lock. */
  private inOpenSession<T>(actor: Actor, work: () => Promise<T>): Promise<T> {
    return this.db.transaction(async () => {
      const result = await work();
      await this.reauthentication.assertSessionOpen(actor);
      return result;
    });
  }
}
