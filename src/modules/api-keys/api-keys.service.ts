import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { ApiKeyChanges } from './api-key-changes.js';
import { clinicsAfterRemoval, maySeeKey } from './api-key.policy.js';
import type { ApiKeysQuery, ApiKeyView } from './api-keys.dto.js';
import { ApiKeysRepository } from './api-keys.repository.js';

/** Lists and removes API keys. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly db: Database,
    private readonly keys: ApiKeysRepository,
    private readonly sessions: LiveSessions,
    private readonly changes: ApiKeyChanges,
    private readonly clock: Clock,
  ) {}

  list(actor: Actor, query: ApiKeysQuery): Promise<Page<ApiKeyView>> {
    return this.keys.list(actor, query, new Date(this.clock.now()));
  }

  /**
   * Removes a key from the clinics of the actor, and revokes it if no clinic is left. Both take effect at once in all processes, and for
   * open sockets.
   */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const key = await this.keys.lock(id);
      if (!key || !maySeeKey(actor, key)) throw notFound();
      const remaining = clinicsAfterRemoval(actor, key);
      if (remaining.length === 0) {
        await this.keys.revoke(id, actor.userId);
        await this.sessions.announceEnded([id]);
        await this.changes.record(key.clinicIds, { action: 'api_key.revoked', objectId: id });
        return null;
      }
      const removed = key.clinicIds.filter((clinicId) => !remaining.includes(clinicId));
      await this.keys.setClinics(id, remaining);
      await this.sessions.announceUserChanged(key.makerId);
      await this.changes.record(removed, { action: 'api_key.clinic-removed', objectId: id });
      return null;
    });
  }
}
