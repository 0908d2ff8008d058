import { IsBoolean, IsIn, IsString, Matches } from 'class-validator';
import { CONSENT_KINDS, type ConsentKind } from './consent.entity.js';

export class RecordConsent {
  /** @example AI_CHAT */
  @IsIn(CONSENT_KINDS)
  kind: ConsentKind;

  /** The version of the text that the person saw. @example 2026-11 */
  @IsString()
  @Matches(/^[A-Za-z0-9._-]{1,32}$/, { message: 'must be 1 to 32 letters, digits, dots, dashes or underscores' })
  version: string;

  /** False withdraws the consent, at once. */
  @IsBoolean()
  given: boolean;
}

export class ConsentView {
  /** @example AI_CHAT */
  kind: ConsentKind;
  /** @example 2026-11 */
  version: string;
  given: boolean;
  /** The user who recorded it: the person, or somebody at the front desk. */
  recordedBy: string;
  recordedAt: Date;
}

export class ConsentStateView {
  /** @example AI_CHAT */
  kind: ConsentKind;
  /** Null if the person was never asked. Then it is allowed. */
  given: boolean | null;
  /** @example 2026-11 */
  version: string | null;
  recordedAt: Date | null;
}

export class ConsentsView {
  /** Each kind with what is in force now. */
  current: ConsentStateView[];
  /** The newest 200 records, newest first. */
  history: ConsentView[];
}
