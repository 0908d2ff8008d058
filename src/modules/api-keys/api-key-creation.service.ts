import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { storeAnswer } from '../../core/http/idempotency-keys.js';
import { manages, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden, invalid } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { sessionEnded } from '../../core/security/tokens.js';
import { UserClinicsService } from '../users/index.js';
import { ApiKeyChanges } from './api-key-changes.js';
import { createKey, hashKey } from './api-key-format.js';
import type { CreateApiKey, CreatedApiKeyView } from './api-keys.dto.js';
import { ApiKeysRepository } from './api-keys.repository.js';

/** Creates API keys. */
@Injectable()
export class ApiKeyCreationService {
  constructor(
    private readonly db: Database,
    private readonly keys: ApiKeysRepository,
    private readonly clinics: UserClinicsService,
    private readonly changes: ApiKeyChanges,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates a key. The response that is stored for a repeated request does not contain the key. The maker gets a mail.
   * @throws DomainError VALIDATION_ERROR; FORBIDDEN for clinics that the actor does not manage; TOKEN_REVOKED if the session ended meanwhile
   */
  async create(actor: Actor, { name, permissions, clinicIds, expiresAt }: CreateApiKey): Promise<CreatedApiKeyView> {
    const clinics = [...new Set(clinicIds.map((id) => id.toLowerCase()))];
    if (!clinics.every((id) => manages(actor, id))) throw forbidden('You do not manage all of these clinics.');
    const createdAt = new Date(this.clock.now());
    const expiry = expiresAt ? new Date(expiresAt) : null;
    if (expiry && expiry <= createdAt) throw invalid({ field: 'expiresAt', error: 'must be in the future' });
    const id = newId();
    const key = createKey(id);
    const granted = { name, permissions, clinicIds: clinics, expiresAt: expiry };
    const view = { ...granted, id, makerId: actor.userId, createdAt, lastUsedAt: null, lastUsedIp: null };
    return this.db.transaction(async () => {
      await this.clinics.assertClinics(clinics);
      await this.keys.insert({ ...granted, id, makerId: actor.userId, secretHash: hashKey(key), createdAt });
      // A key outlives the session: “sign out everywhere” must not miss one that is being created.
      if (await this.keys.hasSessionEnded(actor.sessionId, actor.userId)) throw sessionEnded();
      const changes = { permissions, clinicIds: clinics, expiresAt: expiry };
      const change = { action: 'api_key.created', objectId: id, after: granted, changes };
      await this.changes.recordCreation(actor.userId, clinics, change);
      const answer = { ...view, status: 'ACTIVE' as const };
      await storeAnswer(this.db, { ...answer, key: null });
      return { ...answer, key };
    });
  }
}
