import type { FieldError } from '../../core/kernel/domain-error.js';
import type { Role } from '../../core/kernel/actor.js';
import type { Ratings } from './scores/index.js';

/** Who rated. A RESPONDER is trained in the prehospital scales; only CLINICIAN is verified by the account. */
export const RATER_ROLES = ['SELF', 'BYSTANDER', 'RESPONDER', 'CLINICIAN'] as const;
export type RaterRole = (typeof RATER_ROLES)[number];

/** Only a doctor's account may rate as a clinician. Whether a caller is a trained responder is not verified. */
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

/** The parts that require training (docs/clinical.md). Everyone may rate the others. */
const RATED_BY: Partial<Record<keyof Ratings, readonly RaterRole[]>> = {
  cpss: TRAINED,
  lams: TRAINED,
  race: TRAINED,
  nihss: CLINICIANS,
  mrs: CLINICIANS,
};

export const getRaterRole = (role: Role, requested: RaterRole | undefined): RaterRole =>
  requested ?? DEFAULT_RATER[role];

/** The fields that this rater must not rate. */
export function ratingErrors(role: Role, rater: RaterRole, ratings: Ratings): FieldError[] {
  if (!MAY_RATE_AS[role].includes(rater)) {
    return [{ field: 'rater.role', error: `must be one of ${MAY_RATE_AS[role].join(', ')} for your account` }];
  }
  return (Object.keys(RATED_BY) as (keyof Ratings)[])
    .filter((part) => ratings[part] && !RATED_BY[part]?.includes(rater))
    .map((part) => ({ field: part, error: `must be rated by: ${RATED_BY[part]?.join(', ')}` }));
}
