import type { Actor } from '../../../core/kernel/actor.js';
import { hasPermission } from '../../../core/security/permissions.js';
import type { ScanRow } from '../scans.repository.js';
import type { ScanSetDetailsView, ScanSetView } from './scan-sets.dto.js';
import type { ScanSetRow } from './scan-sets.repository.js';
import { toSeries, type SetImage } from './series.js';

/** The front desk uploads sets but may not see what is in them. */
export function toSetView(actor: Actor, set: ScanSetRow): ScanSetView {
  return hasPermission(actor, 'scan:read') ? set : { ...set, studyInstanceUid: null, modalities: [] };
}

export function toDetailsView(actor: Actor, set: ScanSetRow, images: readonly ScanRow[]): ScanSetDetailsView {
  const series = hasPermission(actor, 'scan:read') ? toSeries(images.filter(isSetImage)) : [];
  return { ...toSetView(actor, set), series };
}

/** An image that was erased in the meantime has no tags. */
export const isSetImage = <T extends Pick<ScanRow, 'id' | 'dicom'>>(image: T): image is T & SetImage =>
  image.dicom !== null;
