import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { Config } from '../../core/config/config.js';
import { IdempotencyKeys } from '../../core/http/idempotency-keys.js';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import type { CareSlotRequest } from '../../core/http/careslot-request.js';
import type { Actor } from '../../core/kernel/actor.js';
import { hasPermission } from '../../core/security/permissions.js';
import { AnalysisService, UploadService, type AnalysisView, type ScanForm, type ScanView } from '../scans/index.js';
import type { MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';

/** The app's request times out after 30 seconds. */
const MAX_WAIT_MILLISECONDS = 20_000;

/** An HTTP request and its response, for the Idempotency-Key in one and `Idempotency-Replayed` in the other. */
export interface Exchange {
  request: CareSlotRequest;
  response: Response;
}

/** Uploads, requests an analysis and waits for it, in one call. */
@Injectable()
export class ImageAnalysis {
  constructor(
    private readonly uploads: UploadService,
    private readonly analyses: AnalysisService,
    private readonly ids: MobileIds,
    private readonly keys: IdempotencyKeys,
    private readonly config: Config,
  ) {}

  /** @returns the finished analysis; PENDING if it takes longer than the app waits (repeat with the scan's id) */
  async analyze(
    actor: Actor,
    form: ScanForm | null,
    scanId: MobileId | undefined,
    exchange: Exchange,
  ): Promise<AnalysisView> {
    const id = await this.resolveScanId(actor, form, scanId, exchange);
    await this.analyses.request(actor, id);
    return this.analyses.waitForResult(actor, id, MAX_WAIT_MILLISECONDS);
  }

  /** Uploads an image and analyzes it, if a model is configured and the caller may use it. */
  async upload(
    actor: Actor,
    form: ScanForm,
    exchange: Exchange,
  ): Promise<{ scan: ScanView; analysis: AnalysisView | null }> {
    const scan = await this.uploadOnce(actor, form, exchange);
    if (this.config.SCAN_MODEL_PROTOCOL === 'none' || !hasPermission(actor, 'scan:analyse')) {
      return { scan, analysis: null };
    }
    const requested = await this.analyses.request(actor, scan.id);
    return { scan, analysis: await this.waitForResult(actor, scan.id, requested) };
  }

  /** Returns the id of the given scan, or uploads the image of the form. */
  private async resolveScanId(
    actor: Actor,
    form: ScanForm | null,
    scanId: MobileId | undefined,
    exchange: Exchange,
  ): Promise<string> {
    if (scanId !== undefined) return this.ids.getUuid('scan', scanId);
    if (!form) throw invalid({ field: 'scanId', error: 'must be given, or a form with the image' });
    return (await this.uploadOnce(actor, form, exchange)).id;
  }

  /** The Idempotency-Key covers the upload alone: a repeated request gets the same scan, with its latest analysis. */
  private uploadOnce(actor: Actor, form: ScanForm, { request, response }: Exchange): Promise<ScanView> {
    return this.keys.runOnce(request, response, () => this.uploads.upload(actor, form));
  }

  /** The image is stored: too many concurrent waits for an analysis do not make the upload fail. */
  private async waitForResult(actor: Actor, scanId: string, requested: AnalysisView): Promise<AnalysisView> {
    try {
      return await this.analyses.waitForResult(actor, scanId, MAX_WAIT_MILLISECONDS);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'RATE_LIMITED') return requested;
      throw error;
    }
  }
}
