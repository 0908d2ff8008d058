import { ScansQuery, ScanView } from '../scans/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';

/** What the part with the picture may be called. */
export const FILE_FIELDS = ['file', 'image'] as const;

/** The form of an upload, for the OpenAPI document. */
export const SCAN_FORM = {
  type: 'object' as const,
  required: ['file'],
  properties: {
    file: { type: 'string', format: 'binary', description: 'PNG, JPEG, WebP or DICOM part 10. May be named image.' },
    kind: { type: 'string', example: 'XRAY', maxLength: 64 },
    takenAt: { type: 'string', example: '2026-11-23T09:00:00Z' },
    clientId: { type: 'string', format: 'uuid', description: 'A patient may leave it out.' },
  },
};

/** At most 100 at a time, the last handed in first. */
export class MobileScansQuery extends ScansQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;
}

export class MobileScanView extends ScanView {
  /** fileUrl with the server's address. */
  imageUrl: string | null;
}

export const scanViewOf = (scan: ScanView, serverUrl: string): MobileScanView => ({
  ...scan,
  imageUrl: scan.fileUrl && `${serverUrl}${scan.fileUrl}`,
});
