import { Injectable } from '@nestjs/common';
import type { AnalysisView, ScanView } from '../scans/index.js';
import type { Language } from '../stroke/index.js';
import { MobileIds } from './mobile-ids.service.js';
import type { MobileScanView, ScanResultView } from './scans.dto.js';
import { TEXTS } from './texts.js';

/** How and for whom scans are shown. */
export interface ScanContext {
  language: Language;
  serverUrl: string;
}

/** Scans as the client reads them. */
@Injectable()
export class ScanViews {
  constructor(private readonly ids: MobileIds) {}

  /** @param analyses the newest of each scan that has one */
  async of(
    scans: readonly ScanView[],
    analyses: ReadonlyMap<string, AnalysisView>,
    context: ScanContext,
  ): Promise<MobileScanView[]> {
    const numberOf = await this.ids.numbersOf(
      'scan',
      scans.map(({ id }) => id),
    );
    return scans.map((scan) => ({
      id: numberOf(scan.id),
      imageUrl: imageUrlOf(scan, context.serverUrl),
      kind: scan.kind,
      createdAt: scan.createdAt,
      ...resultOf(analyses.get(scan.id), context.language),
    }));
  }
}

/** The picture itself; of DICOM, which Flutter does not decode, the thumbnail. */
function imageUrlOf({ format, fileUrl, thumbnailUrl }: ScanView, serverUrl: string): string | null {
  const path = format === 'DICOM' ? thumbnailUrl : fileUrl;
  return path && `${serverUrl}${path}`;
}

/** Without a model's answer there is a sentence that says so, and never a finding. */
export function resultOf(analysis: AnalysisView | undefined, language: Language): ScanResultView {
  const texts = TEXTS[language];
  if (analysis?.analysis === 'PENDING') return { result: texts.analysisPending, confidence: 0, findings: [] };
  if (analysis?.analysis !== 'AVAILABLE') return { result: texts.noAnalysis, confidence: 0, findings: [] };
  const { label, summary, confidence, status } = analysis;
  return {
    result: label ?? summary ?? texts.analysisDraft,
    confidence: confidence ?? 0,
    findings: [...(summary ? [summary] : []), ...(status === 'SIGNED' ? [] : [texts.analysisDraft])],
  };
}
