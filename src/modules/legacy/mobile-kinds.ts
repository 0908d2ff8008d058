import type { MobileKind } from '../neuroaid/index.js';
import type { LegacyKind } from './legacy-record.entity.js';

/** The kinds whose integer ids the NeuroAid client uses, with its names for them. */
export const MOBILE_KINDS: Partial<Record<LegacyKind, MobileKind>> = {
  user: 'user',
  doctor: 'doctor',
  visit: 'booking',
  faq: 'faq',
  scan: 'scan',
};
