import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
} from 'class-validator';
import { IsInstant } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { ThingName, Trimmed } from '../../core/http/text.js';
import { API_KEY_PERMISSIONS, type ApiKeyPermission } from '../../core/security/permissions.js';
import { ProofFields } from '../auth/index.js';

const MAX_CLINICS = 100;
const API_KEY_SORTS = ['createdAt', '-createdAt'] as const;

export class CreateApiKey extends ProofFields {
  /** What uses the key. @example Self check-in at the entrance */
  @Trimmed()
  @IsString()
  @Length(1, 100)
  @ThingName()
  name: string;

  /** What the key may do. @example ["appointment:read", "appointment:book"] */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(API_KEY_PERMISSIONS.length)
  @ArrayUnique()
  @IsIn(API_KEY_PERMISSIONS, { each: true })
  @ApiProperty({ enum: API_KEY_PERMISSIONS, isArray: true })
  permissions: ApiKeyPermission[];

  /** Where the key works: clinics that you manage. @example ["01900000-0000-7000-8000-00000000c001"] */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_CLINICS)
  @IsUUID(undefined, { each: true })
  clinicIds: string[];

  /** When the key stops working; it must be in the future. Default: never. @example 2027-11-23T09:00:00.000Z */
  @IsOptional()
  @IsInstant()
  expiresAt?: string | null;
}

export class ApiKeysQuery extends PageQuery {
  /** Only keys that were made for this clinic. */
  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsIn(API_KEY_SORTS)
  sort: (typeof API_KEY_SORTS)[number] = '-createdAt';
}

export class ApiKeyView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example Self check-in at the entrance */
  name: string;
  /** @example ["appointment:read", "appointment:book"] */
  permissions: string[];
  /**
   * Where the key works now: not at clinics that its maker no longer manages. A manager sees only their own clinics.
   */
  clinicIds: string[];
  /** The account that made the key. */
  makerId: string;
  /** INACTIVE: its maker no longer manages any of its clinics. */
  status: 'ACTIVE' | 'EXPIRED' | 'INACTIVE';
  createdAt: Date;
  expiresAt: Date | null;
  /** Exact to a minute. */
  lastUsedAt: Date | null;
  /** The address of that use. */
  lastUsedIp: string | null;
}

export class CreatedApiKeyView extends ApiKeyView {
  /** The key. It is shown only in this response: null if the request is repeated with its Idempotency-Key. */
  @ApiProperty({ type: String, nullable: true, example: null })
  key: string | null;
}
