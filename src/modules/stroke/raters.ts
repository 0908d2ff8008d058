import type { FieldError } from '../../core/kernel/domain-error.js';
import type { Role } from '../../core/security/actor.js';
import type { Ratings } from './scores/index.js';

/** Who rated. RESPONDER is somebody trained in the prehospital scales; an account proves only CLINICIAN. */
export const RATER_ROLES = ['SELF', 'BYSTANDER', 'RESPONDER', 'CLINICIAN'] as const;
export type RaterRole = (typeof RATER_ROLES)[number];

/** Only a doctor's account rates as a clinician. That a caller is a trained responder is its own word, and kept so. */
const MAY_RATE_AS: Readonly<Record<Role, readonly RaterRole[]>> = {
  CLIENT: ['SELF', 'BYSTANDER', 'RESPONDER'],
  DOCTOR: ['SELF', 'BYSTANDER', 'RESPONDER', 'CLINICIAN'],
  STAFF: ['SELF', 'BYSTANDER', 'RESPONDER'],
  MANAGER: ['SELF', 'BYSTANDER', 'RESPONDER'],
  ADMIN: ['SELF', 'BYSTANDER', 'RESPONDER'],
};

const DEFAULT_RATER: Readonly<Record<Role, RaterRole>> = {
  CLIENT: 'SELF',
  DOCTOR: 'CLINICIAN',
  STAFF: 'BYSTANDER',
  MANAGER: 'BYSTANDER',
  ADMIN: 'BYSTANDER',
};

const TRAINED: readonly RaterRole[] = ['RESPONDER', 'CLINICIAN'];
const CLINICIANS: readonly RaterRole[] = ['CLINICIAN'];

/** Parts that not everybody may rate (docs/clinical.md); the others are signs that anybody sees, or facts. */
const RATED_BY: Partial<Record<keyof Ratings, readonly RaterRole[]>> = {
  cpss: TRAINED,
  lams: TRAINED,
  race: TRAINED,
  nihss: CLINICIANS,
  mrs: CLINICIANS,
};

export const raterRoleOf = (role: Role, asked: RaterRole | undefined): RaterRole => asked ?? DEFAULT_RATER[role];

/** What this rater may not have rated, field by field. */
export function ratingFaults(role: Role, rater: RaterRole, ratings: Ratings): FieldError[] {
  if (!MAY_RATE_AS[role].includes(rater)) {
    return [{ field: 'rater.role', error: `must be one of ${MAY_RATE_AS[role].join(', ')} for your account` }];
  }
  return (Object.keys(RATED_BY) as (keyof Ratings)[])
    .filter((part) => ratings[part] && !RATED_BY[part]?.includes(rater))
    .map((part) => ({ field: part, error: `must be rated by: ${RATED_BY[part]?.join(', ')}` }));
}
