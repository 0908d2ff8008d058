import { Injectable } from '@nestjs/common';
import { ScansRepository, type ScanRow } from '../scans.repository.js';
import { isSetImage } from '../sets/scan-set-views.js';
import { ScanSetsRepository } from '../sets/scan-sets.repository.js';
import { toSeries } from '../sets/series.js';
import type { PatientSubject } from './analysis-requests.js';
import type { AnalysisClaim } from './analysis.repository.js';

/** What is analysed: a scan, or the images of a set in their order. */
export interface SubjectImages extends PatientSubject {
  images: ScanRow[];
}

/** Finds what an analysis is of. */
@Injectable()
export class AnalysisSubjects {
  constructor(
    private readonly scans: ScansRepository,
    private readonly sets: ScanSetsRepository,
  ) {}

  /** Returns null if it was deleted. */
  async find({ scanId, scanSetId }: AnalysisClaim): Promise<SubjectImages | null> {
    if (scanSetId) return this.findSet(scanSetId);
    const scan = scanId ? await this.scans.find(scanId) : null;
    return scan && { type: 'scan', id: scan.id, clientId: scan.clientId, images: [scan] };
  }

  private async findSet(id: string): Promise<SubjectImages | null> {
    const set = await this.sets.find(id);
    if (!set) return null;
    const images = (await this.sets.findImages(id)).filter(isSetImage);
    const places = new Map(
      toSeries(images)
        .flatMap(({ scanIds }) => scanIds)
        .map((scanId, place) => [scanId, place]),
    );
    images.sort((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
    return { type: 'scan_set', id, clientId: set.clientId, images };
  }
}
