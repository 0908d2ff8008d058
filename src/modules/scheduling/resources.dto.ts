import { IsBoolean, IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut, ThingName } from '../../core/http/text.js';
import { RESOURCE_KINDS, type ResourceKind } from './resource.entity.js';

export class ResourceView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  /** @example ROOM */
  kind: ResourceKind;
  /** @example Room 3 */
  name: string;
  isActive: boolean;
  /** @example 1 */
  version: number;
}

export class CreateResource {
  @IsUUID()
  clinicId: string;

  /** @example ROOM */
  @IsIn(RESOURCE_KINDS)
  kind: ResourceKind;

  /** @example Room 3 */
  @ThingName()
  @IsString()
  @Length(1, 200)
  name: string;

  @MayBeLeftOut()
  @IsBoolean()
  isActive: boolean = true;
}

export class ChangeResource {
  @MayBeLeftOut()
  @ThingName()
  @IsString()
  @Length(1, 200)
  name?: string;

  @MayBeLeftOut()
  @IsBoolean()
  isActive?: boolean;
}

const RESOURCE_SORTS = ['createdAt', '-createdAt', 'name', '-name'] as const;

export class ResourcesQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsIn(RESOURCE_KINDS)
  kind?: ResourceKind;

  @IsOptional()
  @IsIn(RESOURCE_SORTS)
  sort: (typeof RESOURCE_SORTS)[number] = 'createdAt';
}
