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
import type { Range } from './scores/score-result.js';
import { mayBeUntestable, NIHSS_MAXIMA, UNTESTABLE, type NihssItem } from './scores/nihss.js';

// Every item may be absent or null: both mean that it was not rated, which is not a zero.

/** Decorator for an integer within a range. */
export const Whole = ([minimum, maximum]: Range): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    IsInt(),
    Min(minimum),
    Max(maximum),
    ApiPropertyOptional({ type: 'integer', minimum, maximum, nullable: true }),
  );

export const Points = (maximum: number): PropertyDecorator => Whole([0, maximum]);

/** Decorator for a measured value within a range, which may have fractions. */
export const Measurement = ([minimum, maximum]: Range): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    IsNumber(),
    Min(minimum),
    Max(maximum),
    ApiPropertyOptional({ type: 'number', format: 'double', minimum, maximum, nullable: true }),
  );

export const YesNo = (): PropertyDecorator =>
  applyDecorators(IsOptional(), IsBoolean(), ApiPropertyOptional({ type: 'boolean', nullable: true }));

export const IsOneOf = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(IsOptional(), IsIn(values), ApiPropertyOptional({ enum: [...values], nullable: true }));

/** Decorator for the points of an NIHSS item, or UN if the form allows it. */
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

/** Decorator for a nested object of the request. */
export const Part = (type: () => new () => object): PropertyDecorator =>
  applyDecorators(MayBeLeftOut(), IsObject(), ValidateNested(), Type(type));
