import { Injectable } from '@nestjs/common';
import type { AnalysisView, ScanView } from '../scans/index.js';
import type { Language } from '../../core/kernel/locale.js';
import { MobileIds } from './mobile-ids.service.js';
import type { MobileScanView, ScanResultView } from './scans.dto.js';
import { TEXTS } from './texts.js';

/** The language and server URL for scan views. */
export interface ScanContext {
  language: Language;
  serverUrl: string;
}

/** Converts scans to the app's format. */
@Injectable()
export class ScanViews {
  constructor(private readonly ids: MobileIds) {}

  /** @param analyses the latest analysis of each scan, by scan id */
  async toViews(
    scans: readonly ScanView[],
    analyses: ReadonlyMap<string, AnalysisView>,
    context: ScanContext,
  ): Promise<MobileScanView[]> {
    const getNumber = await this.ids.getNumbers(
      'scan',
      scans.map(({ id }) => id),
    );
    return scans.map((scan) => ({
      id: getNumber(scan.id),
      imageUrl: getImageUrl(scan, context.serverUrl),
      kind: scan.kind,
      createdAt: scan.createdAt,
      ...toResult(analyses.get(scan.id), context.language),
    }));
  }
}

/** The URL of the image; for DICOM, which Flutter does not decode, of the thumbnail. */
function getImageUrl({ format, fileUrl, thumbnailUrl }: ScanView, serverUrl: string): string | null {
  const path = format === 'DICOM' ? thumbnailUrl : fileUrl;
  return path && `${serverUrl}${path}`;
}

/** The model's result, or a sentence that there is none, without findings. */
export function toResult(analysis: AnalysisView | undefined, language: Language): ScanResultView {
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
