import { applyDecorators, Param, type PipeTransform } from '@nestjs/common';
import { ApiParam, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { invalid } from '../../core/kernel/domain-error.js';
import { isId } from '../../core/kernel/id.js';

/** An integer id of the app, or a UUID of /api/v1. */
export type MobileId = number | string;

const DIGITS = /^[1-9]\d{0,15}$/;

/** A number, also as digits, or a UUID in lower case; null for anything else. */
function parseMobileId(value: unknown): MobileId | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? value : null;
  if (typeof value !== 'string') return null;
  if (isId(value)) return value.toLowerCase();
  return DIGITS.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : null;
}

const SCHEMA = {
  oneOf: [
    { type: 'integer' as const, minimum: 1 },
    { type: 'string' as const, format: 'uuid' },
  ],
};
const MESSAGE = 'must be an id: an integer or a UUID';

/** Decorator for a field with an id. */
export const IsMobileId = ({ optional = false } = {}): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => parseMobileId(value) ?? value),
    ValidateBy({
      name: 'isMobileId',
      validator: { validate: (value: unknown) => parseMobileId(value) !== null, defaultMessage: () => MESSAGE },
    }),
    (optional ? ApiPropertyOptional : ApiProperty)({ ...SCHEMA, example: 1000001 }),
  );

class MobileIdPipe implements PipeTransform<unknown, MobileId> {
  transform(value: unknown): MobileId {
    const id = parseMobileId(value);
    if (id === null) throw invalid({ field: 'id', error: MESSAGE });
    return id;
  }
}

/** Decorator for the parameter with the id in the path. */
export const MobileIdParam = (): ParameterDecorator => Param('id', new MobileIdPipe());

/** Describes the id in the path in the OpenAPI document. */
export const ApiMobileId = (): MethodDecorator => ApiParam({ name: 'id', schema: { ...SCHEMA, example: 1000001 } });
