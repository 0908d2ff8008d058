import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { Clock } from '../../../core/kernel/clock.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import { CredentialsService } from '../../users/index.js';
import { IdentitiesRepository } from './identities.repository.js';
import { IdentityProviders } from './identity-providers.js';
import type { IdentityView } from './oidc.dto.js';
import { identityTaken, lastWayToSignIn } from './oidc.errors.js';
import type { ProviderIdentity } from './provider-identity.entity.js';
import type { UsedCode } from './provider-sign-ins.repository.js';

/** Lets users see and change by which providers they sign in. The methods that write must run in a transaction. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly providers: IdentityProviders,
    private readonly credentials: CredentialsService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  async list({ userId }: Actor): Promise<IdentityView[]> {
    return (await this.identities.list(userId)).map(toView);
  }

  /**
   * Links the identity of a callback, whose address the provider has verified as that of the account.
   * @throws DomainError ALREADY_EXISTS if it is linked, or another one of this provider is
   */
  async link({ userId, provider, subject }: UsedCode): Promise<IdentityView> {
    const user = await this.credentials.lock(userId);
    if (!user) throw notFound();
    const id = newId();
    const now = new Date(this.clock.now());
    if (!(await this.identities.insert({ id, userId, provider, subject }, now))) throw identityTaken();
    await this.credentials.addIdentity(user);
    await this.record('user.identity-linked', userId, provider);
    return { id, provider, createdAt: now, lastUsedAt: now };
  }

  /**
   * Removes an identity, and ends the other sessions of the user.
   * @throws DomainError NOT_FOUND, INVALID_TRANSITION if the user could not sign in any more
   */
  async remove({ userId, sessionId }: Actor, id: string): Promise<null> {
    const user = await this.credentials.lock(userId);
    const all = await this.identities.list(userId);
    const removed = all.find((identity) => identity.id === id);
    if (!user || !removed) throw notFound();
    const others = all.filter((identity) => identity.id !== id);
    const hasOther = others.some(({ provider }) => this.providers.has(provider));
    if (!hasOther && !(await this.credentials.hasPassword(userId))) throw lastWayToSignIn();
    await this.identities.delete(id, userId);
    await this.credentials.removeIdentity(user, { hasOthers: others.length > 0, exceptSession: sessionId });
    await this.record('user.identity-removed', userId, removed.provider);
    return null;
  }

  private record(action: string, objectId: string, provider: string): Promise<void> {
    return this.changes.record({ action, objectType: 'user', objectId, changes: { provider }, event: null });
  }
}

const toView = ({ id, provider, createdAt, lastUsedAt }: ProviderIdentity): IdentityView => ({
  id,
  provider,
  createdAt,
  lastUsedAt,
});
