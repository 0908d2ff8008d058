import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Clock } from '../../core/kernel/clock.js';
import { isUnavailable } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import { LocalRateLimiter } from '../../core/security/local-rate-limiter.js';
import { ApiKeysRepository } from './api-keys.repository.js';

/** Audit rows about refused uses of one key, for each minute and process. */
const MAX_REFUSALS_PER_MINUTE = 1;
const NOT_STORED = 'the activity of an API key could not be stored';

/** Why a key that exists was refused. */
export type RefusalReason = 'WRONG_SECRET' | 'REVOKED' | 'EXPIRED' | 'INACTIVE';

/** Writes when a key was used, and audits refused uses. Requests do not wait for it and do not fail with it. */
@Injectable()
export class ApiKeyActivity {
  private readonly refusals: LocalRateLimiter;

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.refusals = new LocalRateLimiter(MAX_REFUSALS_PER_MINUTE, clock);
  }

  recordUse(id: string, ip: string | null): void {
    this.keys
      .setLastUsed(id, new Date(this.clock.now()), ip)
      .catch((error: unknown) => this.logFailure(error, NOT_STORED));
  }

  recordRefusal(id: string, reason: RefusalReason): void {
    try {
      this.refusals.consume(id);
    } catch {
      return;
    }
    this.changes
      .recordAccess({ action: 'api_key.refused', objectType: 'api_key', objectId: id, changes: { reason } })
      .catch((error: unknown) => this.logFailure(error, NOT_STORED));
  }

  logFailure(error: unknown, message: string): void {
    // The outage of the database is already logged.
    if (!isUnavailable(error)) this.logger.error({ err: error }, message);
  }
}
