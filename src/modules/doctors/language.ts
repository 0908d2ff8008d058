import { Transform } from 'class-transformer';
import { ValidateBy, buildMessage, type ValidationOptions } from 'class-validator';

/** The one spelling of a BCP 47 tag (`AR-eg` is `ar-EG`); null where it is none. */
export function canonicalLanguage(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

const canonical = (value: unknown): unknown =>
  typeof value === 'string' ? (canonicalLanguage(value) ?? value) : value;

/** Brings language tags into their one spelling before validation. */
export const CanonicalLanguage = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(canonical) : canonical(value)));

export const IsLanguage = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isLanguage',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && canonicalLanguage(value) !== null,
        defaultMessage: buildMessage(() => 'must be a language tag (BCP 47), such as en or ar-EG', options),
      },
    },
    options,
  );
