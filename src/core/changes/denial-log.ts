import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Logger } from 'pino';
import { currentContext } from '../context/request-context.js';
import { Clock } from '../kernel/clock.js';
import { isId, NIL_ID } from '../kernel/id.js';
import { LOGGER } from '../logging/logger.js';
import { FloodGate } from '../security/flood-gate.js';
import { ChangeLog } from './change-log.js';

/** Audit rows that one caller can cause by being refused, in each minute and process. */
const MAX_PER_MINUTE = 60;

/** Audits what was refused with 403: who asked for what, and from which address. */
@Injectable()
export class DenialLog {
  private readonly gate: FloodGate;

  constructor(
    private readonly changes: ChangeLog,
    clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.gate = new FloodGate(MAX_PER_MINUTE, clock);
  }

  /** The answer is the same whether or not the row could be written. */
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
      this.logger.error({ err: error }, 'a denial could not be audited');
    }
  }
}
