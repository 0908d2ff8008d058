import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { storeAnswer } from '../../../core/http/idempotency-keys.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { isConflict } from '../appointment.errors.js';
import { assertBulkRequest, MAX_SEARCHES, searchesForTimes, type BulkContext } from './bulk-request.js';
import { toFailedResult } from './bulk-results.js';
import { BulkSessionChanger } from './bulk-session-changer.js';
import { BulkVisitChanger, type BulkVisitOutcome } from './bulk-visit-changer.js';
import { BulkVisitFinder, type FoundVisits } from './bulk-visit-finder.js';
import type { BulkChangeRequest, BulkResultView } from './bulk.dto.js';
import { BulkRepository, type BulkVisit } from './bulk.repository.js';

/** Cancels or moves many appointments, such as those of a doctor who is ill. */
@Injectable()
export class BulkService {
  constructor(
    private readonly db: Database,
    private readonly bulks: BulkRepository,
    private readonly finder: BulkVisitFinder,
    private readonly visits: BulkVisitChanger,
    private readonly sessions: BulkSessionChanger,
  ) {}

  /** @throws DomainError VALIDATION_ERROR, NOT_FOUND; not for single appointments, whose errors are in the answer */
  async run(actor: Actor, request: BulkChangeRequest): Promise<BulkResultView[]> {
    assertBulkRequest(request);
    const results = await (request.dryRun ? this.preview(actor, request) : this.change(actor, request));
    await storeAnswer(this.db, results);
    return results;
  }

  private async change(actor: Actor, request: BulkChangeRequest): Promise<BulkResultView[]> {
    const context = await this.begin(actor, request);
    const { groupId } = request;
    if (groupId) return this.db.transaction(() => this.sessions.apply(context, groupId.toLowerCase()));
    const found = await this.findVisits(context);
    const results: BulkResultView[] = [];
    for (const visits of groupByPatient(found.visits)) {
      results.push(...(await this.db.transaction(() => this.changePatient(context, visits))));
    }
    return sortByRequest(found, results);
  }

  /** Does the same in one transaction and rolls it back, so that the answer is what the change would do. */
  private async preview(actor: Actor, request: BulkChangeRequest): Promise<BulkResultView[]> {
    const rollback = new Error('The dry run ends.');
    let results: BulkResultView[] = [];
    try {
      await this.db.transaction(async () => {
        results = await this.change(actor, request);
        throw rollback;
      });
    } catch (error) {
      if (error !== rollback) throw error;
    }
    return results;
  }

  private async begin(actor: Actor, request: BulkChangeRequest): Promise<BulkContext> {
    return { bulkId: await this.bulks.begin(), actor, request };
  }

  private async findVisits({ bulkId, actor, request }: BulkContext): Promise<FoundVisits> {
    const done = await this.bulks.findDone(bulkId);
    return this.finder.find(
      actor,
      request,
      done.map(({ appointmentId }) => appointmentId),
    );
  }

  /**
   * Changes the visits of one patient in one transaction, with one message about them. Each visit is changed under a savepoint, so that
   * it is changed completely or not at all.
   */
  private async changePatient(context: BulkContext, visits: readonly BulkVisit[]): Promise<BulkResultView[]> {
    const isTogether = visits.length > 1;
    const outcomes: BulkVisitOutcome[] = [];
    for (const visit of visits) outcomes.push(await this.changeVisit(context, visit, { isTogether }));
    const changed = outcomes.flatMap((outcome) => outcome.changed ?? []);
    if (isTogether) await this.bulks.requestMessage(context.request.action, changed);
    return outcomes.map(({ result }) => result);
  }

  private async changeVisit(
    context: BulkContext,
    visit: BulkVisit,
    { isTogether }: { isTogether: boolean },
  ): Promise<BulkVisitOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      const attempted = await this.db.attempt(() => this.visits.apply(context, visit, { isTogether }));
      if ('value' in attempted) return attempted.value;
      const { error } = attempted;
      // After a deadlock, for example, the whole transaction runs again.
      if (!(error instanceof DomainError) || error.code === 'SERVICE_UNAVAILABLE') throw error;
      // A booking took the free time that was found: the next search sees it.
      const mayFindAnother = isConflict(error) && searchesForTimes(context.request) && attempt < MAX_SEARCHES;
      if (!mayFindAnother) return { result: toFailedResult(visit.id, error) };
    }
  }
}

/** The visits of each patient at each clinic by start; patients by their first visit. */
function groupByPatient(visits: readonly BulkVisit[]): BulkVisit[][] {
  const groups = new Map<string, BulkVisit[]>();
  const sorted = [...visits].sort((a, b) => a.startAt.getTime() - b.startAt.getTime() || (a.id < b.id ? -1 : 1));
  for (const visit of sorted) {
    const key = `${visit.clientId} ${visit.clinicId}`;
    groups.set(key, [...(groups.get(key) ?? []), visit]);
  }
  return [...groups.values()];
}

/** The results in the order of the request. */
function sortByRequest({ visits, missingIds }: FoundVisits, results: BulkResultView[]): BulkResultView[] {
  const byId = new Map(results.map((result) => [result.appointmentId, result]));
  const missing = missingIds.map((id) => toFailedResult(id, notFound()));
  return [...visits.flatMap(({ id }) => byId.get(id) ?? []), ...missing];
}
