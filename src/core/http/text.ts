import { Transform } from 'class-transformer';
import { ValidateIf } from 'class-validator';
import { canonicalEmail } from '../kernel/email.js';

/** Cuts blanks off both ends before validation. */
export const Trimmed = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value));

/** Brings an address into its one spelling before validation. */
export const CanonicalEmail = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? canonicalEmail(value) : value));

/** May be left out, but is never null: for columns that always have a value. */
export const MayBeLeftOut = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** International or local digits, with blanks, dashes and brackets. */
export const PHONE = /^\+?[0-9][0-9 ()/-]{4,24}$/;
