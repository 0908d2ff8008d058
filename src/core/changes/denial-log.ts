import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { currentContext } from '../context/request-context.js';
import { Clock } from '../kernel/clock.js';
import { ERROR_STATUS, type ErrorCode } from '../kernel/domain-error.js';
import { isId, NIL_ID } from '../kernel/id.js';
import { LOGGER } from '../logging/logger.js';
import { LocalRateLimiter } from '../security/local-rate-limiter.js';
import { ChangeLog, onlyClinic } from './change-log.js';

/** The maximum number of audit rows for each caller, minute and process. */
const MAX_PER_MINUTE = 60;

export interface DeniedRequest {
  method: string;
  /** The path with the names of its parameters; undefined if no route was found. */
  route: string | undefined;
  params: Readonly<Record<string, unknown>>;
}

/**
 * Audits refused requests: who requested what, and from which address. These are requests with 403, and with 404 for an id that does
 * not exist or that the caller may not see: whoever tries ids leaves a trace.
 */
@Injectable()
export class DenialLog {
  private readonly limiter: LocalRateLimiter;

  constructor(
    private readonly changes: ChangeLog,
    clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.limiter = new LocalRateLimiter(MAX_PER_MINUTE, clock);
  }

  /** Never throws: the response does not depend on the audit row. */
  async record({ method, route, params }: DeniedRequest, code: ErrorCode): Promise<void> {
    const { actor, ip } = currentContext();
    const status = ERROR_STATUS[code];
    const isHidden = status === 404 && actor !== null && Object.values(params).some(isId);
    if (status !== 403 && !isHidden) return;
    try {
      this.limiter.consume(actor?.userId ?? ip ?? 'unknown');
    } catch {
      return;
    }
    const id = params.id ?? Object.values(params).find(isId);
    try {
      await this.changes.recordAccess({
        action: 'access.denied',
        objectType: 'route',
        objectId: isId(id) ? id.toLowerCase() : NIL_ID,
        clinicId: actor && onlyClinic(actor),
        changes: { method, route: route ?? 'none', code },
      });
    } catch (error) {
      this.logger.error({ err: error }, 'a refused request could not be audited');
    }
  }
}
