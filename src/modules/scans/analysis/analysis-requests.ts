import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Database } from '../../../core/database/database.js';
import { JobScheduler } from '../../../core/jobs/job-scheduler.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { AnalysisView } from './analysis.dto.js';
import { AnalysisRepository, type AnalysisRow, type AnalysisSubject } from './analysis.repository.js';

/** Bull's queue, with one job for each analysis. */
export const ANALYSIS_QUEUE = 'scan-analysis';
/** Analyses that were interrupted run after the others: their image may have crashed the process. */
export const ANALYSIS_PRIORITY = { requested: 1, interrupted: 2 };

/** A scan or a scan set, to which the caller has access. */
export interface PatientSubject extends AnalysisSubject {
  clientId: string;
}

export const isInProgress = ({ state }: AnalysisRow): boolean => state === 'QUEUED' || state === 'RUNNING';

/** Requests, reads and signs the analyses of scans and scan sets. The caller must have checked the access to them. */
@Injectable()
export class AnalysisRequests {
  constructor(
    private readonly db: Database,
    private readonly analyses: AnalysisRepository,
    private readonly changes: ChangeLog,
    private readonly jobs: JobScheduler,
  ) {}

  /** Queues an analysis. Returns the one in progress, if there is one. */
  async request(actor: Actor, subject: PatientSubject): Promise<AnalysisRow> {
    return this.db.transaction(async () => {
      const created = await this.analyses.insert(newId(), subject, actor.userId);
      if (!created) return this.getLatest(subject);
      await this.changes.record({
        action: `${subject.type}.analysis-requested`,
        objectType: subject.type,
        objectId: subject.id,
        changes: { analysisId: created.id },
      });
      this.db.afterCommit(() =>
        this.jobs.enqueue(ANALYSIS_QUEUE, { id: created.id, priority: ANALYSIS_PRIORITY.requested }),
      );
      return created;
    });
  }

  /** @throws DomainError NOT_FOUND if there is no analysis */
  async getLatest(subject: AnalysisSubject): Promise<AnalysisRow> {
    const found = await this.analyses.findLatest(subject);
    if (!found) throw notFound();
    return found;
  }

  /** Returns the latest analysis. The read is audited. */
  async read({ type, id }: AnalysisSubject): Promise<AnalysisRow> {
    const row = await this.getLatest({ type, id });
    await this.db.transaction(() =>
      this.changes.record({ action: `${type}.analysis-read`, objectType: type, objectId: id, event: null }),
    );
    return row;
  }

  /**
   * Signs the latest analysis.
   * @param readId the analysis that the doctor has read; undefined if not known
   * @throws DomainError INVALID_TRANSITION if the latest analysis is another one, or not a draft
   */
  async sign(actor: Actor, subject: PatientSubject, readId?: string): Promise<AnalysisRow> {
    return this.db.transaction(async () => {
      const before = await this.getLatest(subject);
      if (readId && readId.toLowerCase() !== before.id) throw notLatest();
      const after = await this.analyses.sign(before.id, actor.userId);
      if (!after) throw new DomainError('INVALID_TRANSITION', 'Only a draft can be signed.', { from: before.state });
      await this.changes.record({
        action: `${subject.type}.analysis-signed`,
        objectType: subject.type,
        objectId: subject.id,
        before,
        after,
        changes: { analysisId: after.id },
        event: analyzedEvent(subject, 'SIGNED'),
      });
      return after;
    });
  }
}

const notLatest = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'There is a newer analysis. Read it before you sign it.', {
    reason: 'NOT_LATEST',
  });

/** The live events `scan:analyzed` and `scan-set:analyzed`. Their receivers are found by the patient's id. */
export function analyzedEvent(
  { type, id, clientId }: PatientSubject,
  status: string,
): { name: string; payload: object } {
  return type === 'scan'
    ? { name: 'scan:analyzed', payload: { scanId: id, status, clientId } }
    : { name: 'scan-set:analyzed', payload: { scanSetId: id, status, clientId } };
}

/** The fields of an analysis that those of scans and of sets have. Without an answer of a model there is no finding. */
export function toCommonView(row: AnalysisRow): Omit<AnalysisView, 'scanId' | 'quality'> {
  const { id, state, modelId, modelVersion, protocol, reason, label, score, summary, inputSha256 } = row;
  const { signedBy, signedAt, finishedAt, createdAt } = row;
  const answered = state === 'DRAFT' || state === 'SIGNED';
  const pending = isInProgress(row);
  return {
    ...{ id, reason, label, score, summary, inputSha256, signedBy, signedAt, finishedAt, createdAt },
    status: state,
    source: answered ? 'MODEL' : 'FALLBACK',
    analysis: answered ? 'AVAILABLE' : pending ? 'PENDING' : 'NOT_AVAILABLE',
    model: modelId && protocol ? { id: modelId, version: modelVersion, protocol } : null,
    confidence: score,
    requiresClinicianReview: true,
  };
}
