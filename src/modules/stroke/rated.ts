import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
  buildMessage,
} from 'class-validator';
import { MayBeLeftOut } from '../../core/http/text.js';
import type { Range } from './scores/figure.js';
import { mayBeUntestable, NIHSS_MAXIMA, UNTESTABLE, type NihssItem } from './scores/nihss.js';

// Every item may be left out or null: both say that it was not rated, which is never a zero.

/** Whole points from 0 on, or whole units of a range. */
export const Whole = ([minimum, maximum]: Range): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    IsInt(),
    Min(minimum),
    Max(maximum),
    ApiPropertyOptional({ type: 'integer', minimum, maximum, nullable: true }),
  );

export const Points = (maximum: number): PropertyDecorator => Whole([0, maximum]);

/** A measured value, with fractions. */
export const Measured = ([minimum, maximum]: Range): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    IsNumber(),
    Min(minimum),
    Max(maximum),
    ApiPropertyOptional({ type: 'number', format: 'double', minimum, maximum, nullable: true }),
  );

export const YesNo = (): PropertyDecorator =>
  applyDecorators(IsOptional(), IsBoolean(), ApiPropertyOptional({ type: 'boolean', nullable: true }));

export const OneOf = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(IsOptional(), IsIn(values), ApiPropertyOptional({ enum: [...values], nullable: true }));

/** Whole points up to the item's own maximum; UN where the form has it. */
export function Nihss(name: NihssItem): PropertyDecorator {
  const maximum = NIHSS_MAXIMA[name];
  const others = mayBeUntestable(name) ? [UNTESTABLE] : [];
  const isRating = (value: unknown): boolean =>
    others.some((other) => other === value) ||
    (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maximum);
  return applyDecorators(
    IsOptional(),
    ValidateBy({
      name: 'nihss',
      validator: {
        validate: isRating,
        defaultMessage: buildMessage(() => [`must be an integer from 0 to ${maximum}`, ...others].join(', or ')),
      },
    }),
    ApiPropertyOptional({
      oneOf: [{ type: 'integer', minimum: 0, maximum }, ...others.map((other) => ({ type: 'string', enum: [other] }))],
      nullable: true,
    }),
  );
}

/** A part of the request with fields of its own. */
export const Part = (type: () => new () => object): PropertyDecorator =>
  applyDecorators(MayBeLeftOut(), IsObject(), ValidateNested(), Type(type));
