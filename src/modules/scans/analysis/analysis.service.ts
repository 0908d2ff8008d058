import { setTimeout as pause } from 'node:timers/promises';
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

/** A job for each analysis. */
export const ANALYSIS_QUEUE = 'scan-analysis';
/** A picture that interrupted its process runs after the others. */
export const ANALYSIS_PRIORITY = { requested: 1, interrupted: 2 };
/** Between two looks at an analysis that somebody waits for. */
const POLL_MILLISECONDS = 250;
/** Requests of one user that wait at the same time; each of them asks the database again and again. */
const MAX_WAITING = 4;
const RETRY_MILLISECONDS = 1_000;

const isUnderWay = ({ state }: AnalysisRow): boolean => state === 'QUEUED' || state === 'RUNNING';

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

  /** Queues one, or gives the one that is under way. */
  async request(actor: Actor, scanId: string): Promise<AnalysisView> {
    return this.db.transaction(async () => {
      const scan = await this.scans.visible(actor, scanId);
      const made = await this.analyses.insert(newId(), scanId, actor.userId);
      if (!made) return toView(scan, await this.newest(scanId));
      await this.changes.record({
        action: 'scan.analysis-requested',
        objectType: 'scan',
        objectId: scanId,
        changes: { analysisId: made.id },
      });
      this.db.afterCommit(() =>
        this.jobs.enqueue(ANALYSIS_QUEUE, { id: made.id, priority: ANALYSIS_PRIORITY.requested }),
      );
      return toView(scan, made);
    });
  }

  /**
   * For callers who can't listen for the end: the newest analysis when it has ended, or as it stands after so long.
   * The read is audited once.
   * @throws DomainError NOT_FOUND; RATE_LIMITED for who waits for many at once
   */
  async outcome(actor: Actor, scanId: string, withinMilliseconds: number): Promise<AnalysisView> {
    await this.scans.visible(actor, scanId);
    await this.waiting.runOrRefuse(
      actor.userId,
      () => this.waitUntilEnded(scanId, withinMilliseconds),
      () => tooMany(RETRY_MILLISECONDS, MAX_WAITING),
    );
    return this.latest(actor, scanId);
  }

  async latest(actor: Actor, scanId: string): Promise<AnalysisView> {
    const scan = await this.scans.visible(actor, scanId);
    const view = toView(scan, await this.newest(scanId));
    await this.db.transaction(() =>
      this.changes.record({ action: 'scan.analysis-read', objectType: 'scan', objectId: scanId, event: null }),
    );
    return view;
  }

  /** The newest of each of these scans, which the caller was shown already; one statement, each read audited. */
  async findLatest(scans: readonly Pick<ScanView, 'id' | 'quality'>[]): Promise<Map<string, AnalysisView>> {
    const byId = new Map(scans.map((scan) => [scan.id, scan]));
    if (byId.size === 0) return new Map();
    return this.db.transaction(async () => {
      const rows = await this.analyses.findLatest([...byId.keys()]);
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

  /** @throws DomainError INVALID_TRANSITION for what is no draft */
  async sign(actor: Actor, scanId: string): Promise<AnalysisView> {
    return this.db.transaction(async () => {
      const scan = await this.scans.visible(actor, scanId);
      const before = await this.newest(scanId);
      const after = await this.analyses.sign(before.id, actor.userId);
      if (!after) throw new DomainError('INVALID_TRANSITION', 'Only a draft can be signed.', { from: before.state });
      await this.changes.record({
        action: 'scan.analysis-signed',
        objectType: 'scan',
        objectId: scanId,
        before,
        after,
        changes: { analysisId: after.id },
        event: analyzed(scan, 'SIGNED'),
      });
      return toView(scan, after);
    });
  }

  private async waitUntilEnded(scanId: string, withinMilliseconds: number): Promise<void> {
    for (let waited = 0; waited < withinMilliseconds; waited += POLL_MILLISECONDS) {
      if (!isUnderWay(await this.newest(scanId))) return;
      await pause(POLL_MILLISECONDS);
    }
  }

  private async newest(scanId: string): Promise<AnalysisRow> {
    const found = await this.analyses.latest(scanId);
    if (!found) throw notFound();
    return found;
  }
}

/** The live event of the contract, with the patient's id for whoever finds its readers. */
export const analyzed = (scan: ScanRow, status: string): { name: string; payload: object } => ({
  name: 'scan:analyzed',
  payload: { scanId: scan.id, status, clientId: scan.clientId },
});

/** Without a model's answer there are the facts on the picture, and no finding. */
function toView({ quality }: Pick<ScanRow, 'quality'>, row: AnalysisRow): AnalysisView {
  const { state, modelId, modelVersion, protocol, ...rest } = row;
  const answered = state === 'DRAFT' || state === 'SIGNED';
  const pending = isUnderWay(row);
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
