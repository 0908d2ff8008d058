import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Semaphore } from '../../../core/concurrency/semaphore.js';
import { Database } from '../../../core/database/database.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { tooMany } from '../../../core/security/local-rate-limiter.js';
import type { ScanRow } from '../scans.repository.js';
import type { ScanView } from '../scans.dto.js';
import { ScansService } from '../scans.service.js';
import type { AnalysisView } from './analysis.dto.js';
import { AnalysisRequests, isInProgress, toCommonView, type PatientSubject } from './analysis-requests.js';
import { AnalysisRepository, type AnalysisRow } from './analysis.repository.js';

/** How often a waiting request reads the state of its analysis. */
const POLL_MILLISECONDS = 250;
/** Requests of one user that may wait at the same time: each of them polls the database. */
const MAX_WAITING = 4;
const RETRY_MILLISECONDS = 1_000;

const toSubject = ({ id, clientId }: ScanRow): PatientSubject => ({ type: 'scan', id, clientId });

/** The analyses of single scans. */
@Injectable()
export class AnalysisService {
  private readonly waiting = new Semaphore({ perKey: MAX_WAITING });

  constructor(
    private readonly db: Database,
    private readonly scans: ScansService,
    private readonly analyses: AnalysisRepository,
    private readonly requests: AnalysisRequests,
    private readonly changes: ChangeLog,
  ) {}

  /** Queues an analysis. Returns the one in progress, if there is one. */
  async request(actor: Actor, scanId: string): Promise<AnalysisView> {
    return this.db.transaction(async () => {
      const scan = await this.scans.getVisible(actor, scanId);
      return toView(scan, await this.requests.request(actor, toSubject(scan)));
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
    return toView(scan, await this.requests.read(toSubject(scan)));
  }

  /** The latest analysis of each scan. The caller must have access to the scans. Each read is audited. */
  async findLatest(scans: readonly Pick<ScanView, 'id' | 'quality'>[]): Promise<Map<string, AnalysisView>> {
    if (scans.length === 0) return new Map();
    return this.db.transaction(async () => {
      const rows = await this.analyses.findLatestOfEach(scans.map(({ id }) => id));
      const found = scans.flatMap((scan) => {
        const row = rows.find(({ scanId }) => scanId === scan.id);
        return row ? [toView(scan, row)] : [];
      });
      await this.changes.recordAll(
        found.map(({ scanId }) => ({
          action: 'scan.analysis-read',
          objectType: 'scan',
          objectId: scanId,
          event: null,
        })),
      );
      return new Map(found.map((view) => [view.scanId, view]));
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
      return toView(scan, await this.requests.sign(actor, toSubject(scan), readId));
    });
  }

  private async waitUntilEnded(scanId: string, withinMilliseconds: number): Promise<void> {
    const deadline = performance.now() + withinMilliseconds;
    while (performance.now() < deadline) {
      if (!isInProgress(await this.requests.getLatest({ type: 'scan', id: scanId }))) return;
      await sleep(POLL_MILLISECONDS);
    }
  }
}

/** Without an answer of a model, the view contains the image's quality but no finding. */
const toView = ({ id, quality }: Pick<ScanRow, 'id' | 'quality'>, row: AnalysisRow): AnalysisView => ({
  ...toCommonView(row),
  scanId: id,
  quality,
});
