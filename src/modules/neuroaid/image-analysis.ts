import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { invalid } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import { AnalysisService, UploadService, type AnalysisView } from '../scans/index.js';
import { FILE_FIELDS } from './scans.dto.js';

/** The client waits for one answer, and gives up after 30 seconds. */
const MOST_MILLISECONDS = 20_000;

/** Hands in, asks for an analysis and waits for it, in one call. */
@Injectable()
export class ImageAnalysis {
  constructor(
    private readonly uploads: UploadService,
    private readonly analyses: AnalysisService,
  ) {}

  /** @returns the analysis when it has ended; PENDING where it takes longer: ask again with the scan's id */
  async analyse(actor: Actor, request: Request, response: Response, scanId: string | undefined): Promise<AnalysisView> {
    const id = scanId?.toLowerCase() ?? (await this.handIn(actor, request, response));
    await this.analyses.request(actor, id);
    return this.analyses.outcome(actor, id, MOST_MILLISECONDS);
  }

  private async handIn(actor: Actor, request: Request, response: Response): Promise<string> {
    if (!request.is('multipart/form-data')) {
      throw invalid({ field: 'scanId', error: 'must be given, or a form with the picture' });
    }
    return (await this.uploads.upload(actor, request, response, FILE_FIELDS)).id;
  }
}
