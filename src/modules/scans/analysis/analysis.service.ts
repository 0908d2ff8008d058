import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Semaphore } from '../../../core/concurrency/semaphore.js';
import { Database } from '../../../core/database/database.js';
import { JobScheduler } from '../../../core/jobs/job-scheduler.js';
import { DomainError, notFound } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { tooMany } from '../../../core/security/local-rate-limiter.js';
import type { ScanRow } from '../scans.repository.js';
import type { ScanView } from '../scans.dto.js';
import { ScansService } from '../scans.service.js';
import type { AnalysisView } from './analysis.dto.js';
import { AnalysisRepository, type AnalysisRow } from './analysis.repository.js';

/** Bull's queue, with one job for each analysis. */
export const ANALYSIS_QUEUE = 'scan-analysis';
/** Analyses that were interrupted run after the others: their image may have crashed the process. */
export const ANALYSIS_PRIORITY = { requested: 1, interrupted: 2 };
/** How often a waiting request reads the state of its analysis. */
const POLL_MILLISECONDS = 250;
/** Requests of one user that may wait at the same time: each of them polls the database. */
const MAX_WAITING = 4;
const RETRY_MILLISECONDS = 1_000;

const isInProgress = ({ state }: AnalysisRow): boolean => state === 'QUEUED' || state === 'RUNNING';

@Injectable()
export class AnalysisService {
  private readonly waiting = new Semaphore({ perKey: MAX_WAITING });

  constructor(
    private readonly db: Database,
    private readonly scans: ScansService,
    private readonly analyses: AnalysisRepository,
    private readonly changes: ChangeLog,
    private readonly jobs: JobScheduler,
  ) {}

  /** Queues an analysis. Returns the one in progress, if there is one. */
  async request(actor: Actor, scanId: string): Promise<AnalysisView> {
    return this.db.transaction(async () => {
      const scan = await this.scans.getVisible(actor, scanId);
      const created = await this.analyses.insert(newId(), scanId, actor.userId);
      if (!created) return toView(scan, await this.getLatestRow(scanId));
      await this.changes.record({
        action: 'scan.analysis-requested',
        objectType: 'scan',
        objectId: scanId,
        changes: { analysisId: created.id },
      });
      this.db.afterCommit(() =>
        this.jobs.enqueue(ANALYSIS_QUEUE, { id: created.id, priority: ANALYSIS_PRIORITY.requested }),
      );
      return toView(scan, created);
    });
  }

  /**
   * Waits until the latest analysis has ended, for clients that cannot listen for events. After `withinMilliseconds` returns it as
   * it is. The read is audited once.
   * @throws DomainError NOT_FOUND; RATE_LIMITED if the caller waits for too many at the same time
   */
  async waitForResult(actor: Actor, scanId: string, withinMilliseconds: number): Promise<AnalysisView> {
    await this.scans.getVisible(actor, scanId);
    await this.waiting.runOrRefuse(
      actor.userId,
      () => this.waitUntilEnded(scanId, withinMilliseconds),
      () => tooMany(RETRY_MILLISECONDS, MAX_WAITING),
    );
    return this.getLatest(actor, scanId);
  }

  /** Returns the latest analysis of a scan. The read is audited. */
  async getLatest(actor: Actor, scanId: string): Promise<AnalysisView> {
    const scan = await this.scans.getVisible(actor, scanId);
    const view = toView(scan, await this.getLatestRow(scanId));
    await this.db.transaction(() =>
      this.changes.record({ action: 'scan.analysis-read', objectType: 'scan', objectId: scanId, event: null }),
    );
    return view;
  }

  /** The latest analysis of each scan. The caller must have access to the scans. Each read is audited. */
  async findLatest(scans: readonly Pick<ScanView, 'id' | 'quality'>[]): Promise<Map<string, AnalysisView>> {
    const byId = new Map(scans.map((scan) => [scan.id, scan]));
    if (byId.size === 0) return new Map();
    return this.db.transaction(async () => {
      const rows = await this.analyses.findLatestOfEach([...byId.keys()]);
      await this.changes.recordAll(
        rows.map(({ scanId }) => ({
          action: 'scan.analysis-read',
          objectType: 'scan',
          objectId: scanId,
          event: null,
        })),
      );
      return new Map(rows.map((row) => [row.scanId, toView({ quality: byId.get(row.scanId)?.quality ?? null }, row)]));
    });
  }

  /**
   * Signs the latest analysis.
   * @param readId the analysis that the doctor has read; undefined if not known
   * @throws DomainError INVALID_TRANSITION if the latest analysis is another one, or not a draft
   */
  async sign(actor: Actor, scanId: string, readId?: string): Promise<AnalysisView> {
    return this.db.transaction(async () => {
      const scan = await this.scans.getVisible(actor, scanId);
      const before = await this.getLatestRow(scanId);
      if (readId && readId.toLowerCase() !== before.id) throw notLatest();
      const after = await this.analyses.sign(before.id, actor.userId);
      if (!after) throw new DomainError('INVALID_TRANSITION', 'Only a draft can be signed.', { from: before.state });
      await this.changes.record({
        action: 'scan.analysis-signed',
        objectType: 'scan',
        objectId: scanId,
        before,
        after,
        changes: { analysisId: after.id },
        event: analyzedEvent(scan, 'SIGNED'),
      });
      return toView(scan, after);
    });
  }

  private async waitUntilEnded(scanId: string, withinMilliseconds: number): Promise<void> {
    const deadline = performance.now() + withinMilliseconds;
    while (performance.now() < deadline) {
      if (!isInProgress(await this.getLatestRow(scanId))) return;
      await sleep(POLL_MILLISECONDS);
    }
  }

  private async getLatestRow(scanId: string): Promise<AnalysisRow> {
    const found = await this.analyses.findLatest(scanId);
    if (!found) throw notFound();
    return found;
  }
}

const notLatest = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'There is a newer analysis of this scan. Read it before you sign it.', {
    reason: 'NOT_LATEST',
  });

/** The live event `scan:analyzed`. Its receivers are found by the patient's id. */
export const analyzedEvent = (scan: ScanRow, status: string): { name: string; payload: object } => ({
  name: 'scan:analyzed',
  payload: { scanId: scan.id, status, clientId: scan.clientId },
});

/** Without an answer of a model, the view contains the image's quality but no finding. */
function toView({ quality }: Pick<ScanRow, 'quality'>, row: AnalysisRow): AnalysisView {
  const { state, modelId, modelVersion, protocol, ...rest } = row;
  const answered = state === 'DRAFT' || state === 'SIGNED';
  const pending = isInProgress(row);
  return {
    ...rest,
    status: state,
    source: answered ? 'MODEL' : 'FALLBACK',
    analysis: answered ? 'AVAILABLE' : pending ? 'PENDING' : 'NOT_AVAILABLE',
    model: modelId && protocol ? { id: modelId, version: modelVersion, protocol } : null,
    confidence: row.score,
    requiresClinicianReview: true,
    quality,
  };
}
