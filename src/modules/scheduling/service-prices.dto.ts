import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { FIRST_VISIT_SCOPES, VISIT_KINDS, type FirstVisitScope, type VisitKind } from './service-price.js';
import { Price } from './services.dto.js';

export class ServicePriceView {
  /** Null: every doctor without a price of their own. */
  doctorId: string | null;
  /** @example FIRST */
  visit: VisitKind;
  price: Price;
}

export class ServicePricesView {
  /** The price if none of `prices` applies. */
  price: Price;
  /** A first visit is one of a patient without a completed visit with the doctor, or at the clinic. @example DOCTOR */
  firstVisitPer: FirstVisitScope;
  prices: ServicePriceView[];
  /** That of the service; also the ETag. @example 1 */
  version: number;
}

class ServicePriceFields {
  /** Default: every doctor without a price of their own. */
  @IsOptional()
  @IsUUID()
  doctorId?: string | null;

  /** @example FIRST */
  @IsIn(VISIT_KINDS)
  visit: VisitKind;

  /** In the currency of the service. */
  @IsObject()
  @ValidateNested()
  @Type(() => Price)
  price: Price;
}

export class SetServicePrices {
  /** @example DOCTOR */
  @IsIn(FIRST_VISIT_SCOPES)
  firstVisitPer: FirstVisitScope;

  @IsArray()
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => ServicePriceFields)
  prices: ServicePriceFields[];
}
