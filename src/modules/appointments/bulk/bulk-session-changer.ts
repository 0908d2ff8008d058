import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { isConflict } from '../appointment.errors.js';
import type { AppointmentView } from '../appointments.dto.js';
import { GroupSessionsService } from '../group-sessions.service.js';
import { MAX_SEARCHES, searchesForTimes, type BulkContext } from './bulk-request.js';
import { ALREADY_THERE, NO_FREE_TIME, toDoneResult, toDoneVisit, toUnchangedResult } from './bulk-results.js';
import { BulkTimes } from './bulk-times.js';
import type { BulkResultView } from './bulk.dto.js';
import { BulkRepository, type SessionSeat } from './bulk.repository.js';

/** Cancels or moves a whole group session as a bulk change: every seat, or none. */
@Injectable()
export class BulkSessionChanger {
  constructor(
    private readonly db: Database,
    private readonly bulks: BulkRepository,
    private readonly sessions: GroupSessionsService,
    private readonly times: BulkTimes,
  ) {}

  /**
   * Runs in a transaction.
   * @throws DomainError NOT_FOUND if the session has no seats that still have to take place, or is at another clinic
   */
  async apply(context: BulkContext, groupId: string): Promise<BulkResultView[]> {
    // A repetition with the same key waits here for the first one.
    await this.bulks.lock(context.bulkId);
    const done = await this.bulks.findDone(context.bulkId);
    if (done.length > 0) return done.map(toDoneResult);
    for (let attempt = 1; ; attempt += 1) {
      const seats = await this.bulks.findSession(context.actor, groupId);
      const attempted = await this.db.attempt(() => this.change(context, groupId, seats));
      if ('value' in attempted) return attempted.value;
      const { error } = attempted;
      if (!(error instanceof DomainError) || concernsSession(error)) throw error;
      // A booking took the free time that was found: the next search sees it.
      const mayFindAnother = isConflict(error) && searchesForTimes(context.request) && attempt < MAX_SEARCHES;
      if (!mayFindAnother) return seats.map((seat) => toFailed(seat, error));
    }
  }

  private async change(
    context: BulkContext,
    groupId: string,
    seats: readonly SessionSeat[],
  ): Promise<BulkResultView[]> {
    const { actor, request } = context;
    const [first] = seats;
    if (!first) throw notFound();
    const { action, reason } = request;
    if (action === 'CANCEL') return this.finish(context, await this.sessions.cancel(actor, groupId, reason));
    const target = await this.times.findSessionTarget(first, toClientIds(seats), request.to);
    if (!target) return seats.map((seat) => toUnchangedResult(seat, NO_FREE_TIME));
    const isSame = target.start === first.startAt.getTime() && target.doctorId === first.doctorId;
    if (isSame) return seats.map((seat) => toUnchangedResult(seat, ALREADY_THERE));
    const to = { startDateTime: new Date(target.start).toISOString(), doctorId: target.doctorId };
    return this.finish(context, await this.sessions.move(actor, groupId, to, reason));
  }

  private async finish({ bulkId, request }: BulkContext, views: AppointmentView[]): Promise<BulkResultView[]> {
    const outcome = request.action === 'CANCEL' ? 'CANCELLED' : 'MOVED';
    const done = views.map((view) => toDoneVisit(bulkId, outcome, view));
    for (const visit of done) await this.bulks.insertDone(visit);
    return done.map(toDoneResult);
  }
}

const toClientIds = (seats: readonly SessionSeat[]): string[] => seats.map(({ clientId }) => clientId);

/** After these errors, the answer has no results of seats. */
const concernsSession = ({ code }: DomainError): boolean =>
  code === 'NOT_FOUND' || code === 'FORBIDDEN' || code === 'SERVICE_UNAVAILABLE';

interface Occurrence {
  appointmentId: string;
  reason: string;
  conflictingWith?: string;
}

/** A seat of a session that could not be changed, perhaps because of other seats. */
function toFailed(seat: SessionSeat, { code, details }: DomainError): BulkResultView {
  const { occurrences, reason } = (details ?? {}) as { occurrences?: Occurrence[]; reason?: string };
  const own = occurrences?.find(({ appointmentId }) => appointmentId === seat.id);
  const ownReason = own ? (own.conflictingWith ?? own.reason) : occurrences ? 'OTHER_SEAT' : (reason ?? null);
  return toUnchangedResult(seat, { outcome: 'FAILED', reason: ownReason, code });
}
