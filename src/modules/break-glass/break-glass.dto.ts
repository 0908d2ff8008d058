import { IsNotEmpty, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { Trimmed } from '../../core/http/text.js';
import type { BreakGlassRole } from './break-glass.entity.js';

export class OpenBreakGlass {
  /** Why you need the record now. The patient and the managers of your clinics can read it. @example Unconscious after a fall; allergies and medication needed. */
  @Trimmed()
  @IsString()
  @IsNotEmpty()
  @MaxLength(1000)
  reason: string;
}

export class BreakGlassQuery extends PageQuery {
  /** Only accesses to the record of this patient. */
  @IsOptional()
  @IsUUID()
  clientId?: string;
}

export class BreakGlassUser {
  id: string;
  /** @example DOCTOR */
  role: BreakGlassRole;
  /** Null after the account was deleted, in lists for patients, and in the response to the request that opens the access. @example Hana Aziz */
  name: string | null;
}

export class BreakGlassView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clientId: string;
  user: BreakGlassUser;
  /** The clinics of that user, whose managers were notified. */
  clinicIds: string[];
  /** Null after the retention period. @example Unconscious after a fall; allergies and medication needed. */
  reason: string | null;
  openedAt: Date;
  expiresAt: Date;
}
