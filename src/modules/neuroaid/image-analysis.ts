import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Config } from '../../core/config/config.js';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import { allows } from '../../core/security/permissions.js';
import { AnalysisService, UploadService, type AnalysisView, type ScanView } from '../scans/index.js';
import type { MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';
import { FILE_FIELDS } from './scans.dto.js';

/** The client waits for one answer, and gives up after 30 seconds. */
const MAX_WAIT_MILLISECONDS = 20_000;

/** Uploads, requests an analysis and waits for it, in one call. */
@Injectable()
export class ImageAnalysis {
  constructor(
    private readonly uploads: UploadService,
    private readonly analyses: AnalysisService,
    private readonly ids: MobileIds,
    private readonly config: Config,
  ) {}

  /** @returns the analysis when it has ended; PENDING where it takes longer: ask again with the scan's id */
  async analyse(
    actor: Actor,
    request: Request,
    response: Response,
    scanId: MobileId | undefined,
  ): Promise<AnalysisView> {
    const id =
      scanId === undefined ? await this.uploadForm(actor, request, response) : await this.ids.uuidOf('scan', scanId);
    await this.analyses.request(actor, id);
    return this.analyses.outcome(actor, id, MAX_WAIT_MILLISECONDS);
  }

  /** Uploads a picture; where a model is configured and the caller may ask it, with its answer. */
  async upload(
    actor: Actor,
    request: Request,
    response: Response,
  ): Promise<{ scan: ScanView; analysis: AnalysisView | null }> {
    const scan = await this.uploads.upload(actor, request, response, FILE_FIELDS);
    if (this.config.SCAN_MODEL_PROTOCOL === 'none' || !allows(actor.role, 'scan:analyse')) {
      return { scan, analysis: null };
    }
    const requested = await this.analyses.request(actor, scan.id);
    return { scan, analysis: await this.outcome(actor, scan.id, requested) };
  }

  /** The picture is stored: that too many analyses are waited for makes no failure of it. */
  private async outcome(actor: Actor, scanId: string, requested: AnalysisView): Promise<AnalysisView> {
    try {
      return await this.analyses.outcome(actor, scanId, MAX_WAIT_MILLISECONDS);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'RATE_LIMITED') return requested;
      throw error;
    }
  }

  private async uploadForm(actor: Actor, request: Request, response: Response): Promise<string> {
    if (!request.is('multipart/form-data')) {
      throw invalid({ field: 'scanId', error: 'must be given, or a form with the picture' });
    }
    return (await this.uploads.upload(actor, request, response, FILE_FIELDS)).id;
  }
}
