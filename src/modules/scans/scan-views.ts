import { Injectable } from '@nestjs/common';
import { hasPermission } from '../../core/security/permissions.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ScanLinks } from './scan-links.js';
import type { ScanView } from './scans.dto.js';
import type { ScanRow } from './scans.repository.js';
import { CONTENT_TYPE } from './upload/file-type.js';

/** Converts scans to the API's format, with signed links for the caller. */
@Injectable()
export class ScanViews {
  constructor(private readonly links: ScanLinks) {}

  toView(actor: Actor, { renditions, ...scan }: ScanRow): ScanView {
    const view = { ...scan, contentType: CONTENT_TYPE[scan.format] };
    // The front desk uploads images but may not see them.
    if (!hasPermission(actor, 'scan:read')) {
      return { ...view, dicom: null, quality: null, fileUrl: null, thumbnailUrl: null, deidentifiedUrl: null };
    }
    return {
      ...view,
      fileUrl: this.links.sign(scan.id, 'served', actor),
      thumbnailUrl: this.links.sign(scan.id, 'thumbnail', actor),
      deidentifiedUrl: renditions.deidentified ? this.links.sign(scan.id, 'deidentified', actor) : null,
    };
  }
}
