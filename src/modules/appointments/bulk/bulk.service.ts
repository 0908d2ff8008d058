import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { storeAnswer } from '../../../core/http/idempotency-keys.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { isConflict } from '../appointment.errors.js';
import { BulkChanges, failed, type BulkContext } from './bulk-changes.js';
import { BulkTargets, type FoundVisits } from './bulk-targets.js';
import type { BulkChangeRequest, BulkResultView } from './bulk.dto.js';
import { BulkRepository, type BulkVisit } from './bulk.repository.js';

const MAX_SEARCHES = 10;

/** Cancels or moves many appointments, such as those of a doctor who is ill. */
@Injectable()
export class BulkService {
  constructor(
    private readonly db: Database,
    private readonly bulks: BulkRepository,
    private readonly targets: BulkTargets,
    private readonly changes: BulkChanges,
  ) {}

  /** @throws DomainError VALIDATION_ERROR, NOT_FOUND; not for single appointments, whose errors are in the answer */
  async run(actor: Actor, request: BulkChangeRequest): Promise<BulkResultView[]> {
    const results = await (request.dryRun ? this.preview(actor, request) : this.change(actor, request));
    await storeAnswer(this.db, results);
    return results;
  }

  private async change(actor: Actor, request: BulkChangeRequest): Promise<BulkResultView[]> {
    const { context, found } = await this.begin(actor, request);
    const results: BulkResultView[] = [];
    for (const visits of byPatient(found.visits)) {
      results.push(...(await this.db.transaction(() => this.changePatient(context, visits))));
    }
    return inOrder(found, results);
  }

  /** Does the same in one transaction and rolls it back, so that the answer is what the change would do. */
  private async preview(actor: Actor, request: BulkChangeRequest): Promise<BulkResultView[]> {
    const rollback = new Error('The dry run ends.');
    let results: BulkResultView[] = [];
    try {
      await this.db.transaction(async () => {
        const { context, found } = await this.begin(actor, request);
        results = [];
        for (const visits of byPatient(found.visits)) results.push(...(await this.changePatient(context, visits)));
        results = inOrder(found, results);
        throw rollback;
      });
    } catch (error) {
      if (error !== rollback) throw error;
    }
    return results;
  }

  private async begin(actor: Actor, request: BulkChangeRequest): Promise<{ context: BulkContext; found: FoundVisits }> {
    const bulkId = await this.bulks.begin();
    const done = await this.bulks.findDone(bulkId);
    const doneIds = done.map(({ appointmentId }) => appointmentId);
    return { context: { bulkId, actor, request }, found: await this.targets.find(actor, request, doneIds) };
  }

  /**
   * Changes the visits of one patient in one transaction, so that whoever reads the first change knows of all of them: the patient
   * gets one message. Each visit is changed under a savepoint, so that it is changed completely or not at all.
   */
  private async changePatient(context: BulkContext, visits: readonly BulkVisit[]): Promise<BulkResultView[]> {
    const results: BulkResultView[] = [];
    for (const { id } of visits) results.push(await this.changeVisit(context, id));
    return results;
  }

  private async changeVisit(context: BulkContext, id: string): Promise<BulkResultView> {
    for (let attempt = 1; ; attempt += 1) {
      const attempted = await this.db.attempt(() => this.changes.apply(context, id));
      if ('value' in attempted) return attempted.value;
      const { error } = attempted;
      // After a deadlock, for example, the whole transaction runs again.
      if (!(error instanceof DomainError) || error.code === 'SERVICE_UNAVAILABLE') throw error;
      // A booking took the free time that was found: the next search sees it.
      const mayFindAnother = isConflict(error) && findsTimes(context.request) && attempt < MAX_SEARCHES;
      if (!mayFindAnother) return failed(id, error);
    }
  }
}

/** Whether each visit moves to a time that is searched for. */
const findsTimes = ({ action, to }: BulkChangeRequest): boolean => action === 'MOVE' && !to?.date && !to?.doctorId;

/** The visits of each patient by start; patients by their first visit. */
function byPatient(visits: readonly BulkVisit[]): BulkVisit[][] {
  const groups = new Map<string, BulkVisit[]>();
  const sorted = [...visits].sort((a, b) => a.startAt.getTime() - b.startAt.getTime() || (a.id < b.id ? -1 : 1));
  for (const visit of sorted) groups.set(visit.clientId, [...(groups.get(visit.clientId) ?? []), visit]);
  return [...groups.values()];
}

/** The results in the order of the request. */
function inOrder({ visits, missingIds }: FoundVisits, results: BulkResultView[]): BulkResultView[] {
  const byId = new Map(results.map((result) => [result.appointmentId, result]));
  const missing = missingIds.map((id) => failed(id, notFound()));
  return [...visits.flatMap(({ id }) => byId.get(id) ?? []), ...missing];
}
