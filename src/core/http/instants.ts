import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy, buildMessage, type ValidationOptions } from 'class-validator';
import { canonicalZoneName } from '../kernel/zone-names.js';
import { isDay, Zone } from '../kernel/zone.js';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Days outside these years are refused as typing errors. */
const [FIRST_YEAR, LAST_YEAR] = ['1900', '2199'];

/** Whether the value is a day of the calendar, such as 2026-02-28, from 1900 to 2199. */
export function isLocalDay(value: unknown): value is string {
  if (typeof value !== 'string' || !DAY.test(value)) return false;
  return value >= FIRST_YEAR && value.slice(0, 4) <= LAST_YEAR && isDay(value);
}

/** Whether the value is an instant in ISO 8601 with an offset, not a local time. */
export const isInstant = (value: unknown): value is string =>
  typeof value === 'string' &&
  INSTANT.test(value) &&
  isLocalDay(value.slice(0, 10)) &&
  !Number.isNaN(Date.parse(value));

const check = (name: string, message: string, validate: (value: unknown) => boolean, options?: ValidationOptions) =>
  ValidateBy({ name, validator: { validate, defaultMessage: buildMessage(() => message, options) } }, options);

/** Sets the format of a string in the OpenAPI document. */
const format = (name: string): PropertyDecorator => ApiProperty({ format: name });

export const IsInstant = (options?: ValidationOptions): PropertyDecorator =>
  applyDecorators(
    check(
      'isInstant',
      'must be an instant in ISO 8601 with its offset, such as 2026-11-23T09:00:00Z',
      isInstant,
      options,
    ),
    format('date-time'),
  );

export const IsLocalDay = (options?: ValidationOptions): PropertyDecorator =>
  applyDecorators(
    check('isLocalDay', 'must be a day of the calendar, such as 2026-11-23', isLocalDay, options),
    format('date'),
  );

export const IsInstantOrDay = (options?: ValidationOptions): PropertyDecorator =>
  check(
    'isInstantOrDay',
    'must be an instant with its offset or a local day',
    (value) => isInstant(value) || isLocalDay(value),
    options,
  );

/** A time zone by any of its IANA names, converted to the canonical name before validation. */
export const IsZoneName = (options?: ValidationOptions): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? canonicalZoneName(value) : value)),
    check(
      'isZoneName',
      'must be the IANA name of a time zone, such as Africa/Cairo, and not an offset from UTC',
      (value) => typeof value === 'string' && Zone.isValid(value),
      options,
    ),
  );
