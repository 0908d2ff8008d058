import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Logger } from 'pino';
import { currentContext } from '../context/request-context.js';
import { Clock } from '../kernel/clock.js';
import { isId, NIL_ID } from '../kernel/id.js';
import { LOGGER } from '../logging/logger.js';
import { LocalRateLimiter } from '../security/local-rate-limiter.js';
import { ChangeLog } from './change-log.js';

/** The maximum number of audit rows for each caller, minute and process. */
const MAX_PER_MINUTE = 60;

/** Audits requests that were refused with 403: who requested what, and from which address. */
@Injectable()
export class DenialLog {
  private readonly gate: LocalRateLimiter;

  constructor(
    private readonly changes: ChangeLog,
    clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.gate = new LocalRateLimiter(MAX_PER_MINUTE, clock);
  }

  /** Never throws: the response does not depend on the audit row. */
  async record(request: Request, code: string): Promise<void> {
    const { actor, ip } = currentContext();
    try {
      this.gate.consume(actor?.userId ?? ip ?? 'unknown');
    } catch {
      return;
    }
    const { id } = request.params;
    const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
    try {
      await this.changes.recordAccess({
        action: 'access.denied',
        objectType: 'route',
        objectId: isId(id) ? id.toLowerCase() : NIL_ID,
        changes: { method: request.method, route, code },
      });
    } catch (error) {
      this.logger.error({ err: error }, 'a refused request could not be audited');
    }
  }
}
