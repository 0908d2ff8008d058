import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsEmail,
  IsString,
  IsUrl,
  Length,
  MaxLength,
  ValidateBy,
  ValidateIf,
  buildMessage,
  type ValidationOptions,
} from 'class-validator';
import { isCountry } from '../kernel/country.js';
import { canonicalEmail } from '../kernel/email.js';
import { languageTag } from '../kernel/locale.js';
import { cleanName, hasControlCharacter, hasUrl, hasVisibleCharacter, hasWebAddress } from '../kernel/names.js';
import { isPhoneShaped } from '../kernel/phone.js';

/**
 * Blanks and invisible characters: soft hyphens, direction marks, zero-width and filler characters. Not variation selectors and
 * tags, with which emoji can end.
 */
const INVISIBLE =
  '[\\s\\u00AD\\u061C\\u115F\\u1160\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0]';
const INVISIBLE_AT_START = new RegExp(`^${INVISIBLE}+`);
const INVISIBLE_AT_END = new RegExp(`${INVISIBLE}$`);

/** Removes blanks and invisible characters at both ends before validation. */
export const Trimmed = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? trimmed(value) : value));

function trimmed(text: string): string {
  // One character at a time: a pattern with + and $ takes quadratic time for a text with many blanks inside.
  let end = text.length;
  while (end > 0 && INVISIBLE_AT_END.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).replace(INVISIBLE_AT_START, '');
}

/** Longer texts are refused by @Length; the checks of names skip them. */
const MAX_CHECKED_LENGTH = 1_000;

const nameRules =
  (rule: string, isRefused: (text: string) => boolean, message: string): PropertyDecorator =>
  (target, key) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? cleanName(value) : value))(target, key);
    const addRule = (name: string, isValid: (text: string) => boolean, error: string): void =>
      ValidateBy({
        name,
        validator: {
          validate: (value) =>
            typeof value !== 'string' || value === '' || value.length > MAX_CHECKED_LENGTH || isValid(value),
          defaultMessage: () => error,
        },
      })(target, key);
    addRule('isVisible', hasVisibleCharacter, 'must have a visible character');
    addRule('isOneLine', (text) => !hasControlCharacter(text), 'must not contain line breaks or control characters');
    addRule(rule, (text) => !isRefused(text), message);
  };

/** A text of a limited length, also in the OpenAPI document. */
const limitedText = (minLength: number, maxLength: number): PropertyDecorator =>
  applyDecorators(Length(minLength, maxLength), IsString(), ApiProperty({ minLength, maxLength }));

/**
 * A first or last name. Invisible characters and outer blanks are removed. It must have a visible character, be a single line, and
 * contain nothing that a mail program could turn into a link.
 */
export const PersonName = (maxLength = 100): PropertyDecorator =>
  applyDecorators(
    limitedText(1, maxLength),
    nameRules('isPersonName', hasWebAddress, 'must not contain a web or e-mail address'),
  );

/** The name of a clinic, a service or a room. Checked like PersonName, but without a length, and may contain a domain without a path. */
export const ThingName = (): PropertyDecorator =>
  nameRules('isThingName', hasUrl, 'must not contain a link to a web page');

const MAX_EMAIL_CHARACTERS = 254;

/** An e-mail address of at most 254 characters (RFC 5321); converted to its canonical spelling before validation. */
export const EmailAddress = (): PropertyDecorator =>
  applyDecorators(
    MaxLength(MAX_EMAIL_CHARACTERS),
    IsEmail(),
    ApiProperty({ format: 'email', maxLength: MAX_EMAIL_CHARACTERS }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? canonicalEmail(value) : value)),
  );

export const MAX_PASSWORD_LENGTH = 128;

/** A new password. The service checks whether it is easy to guess. */
export const NewPassword = (): PropertyDecorator => limitedText(8, MAX_PASSWORD_LENGTH);

/** The field is optional, but must not be null: for columns that always have a value. */
export const MayBeLeftOut = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/**
 * A telephone number in any format. Only its format is checked here: the service that stores it converts it to E.164, which needs
 * the country.
 */
export const IsPhone = (): PropertyDecorator =>
  check('isPhone', 'must be a telephone number, such as +20 100 123 4567', isPhoneShaped);

/** ISO 3166-1 alpha-2, in upper case after validation. */
export const CountryCode = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toUpperCase() : value)),
    check('isCountry', 'must be a country of two letters (ISO 3166-1), such as EG', isCountry),
  );

/** A locale (BCP 47, or in the format of POSIX or Java), reduced to language, script and region. */
export const LanguageTag = (options?: ValidationOptions): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(toTag) : toTag(value))),
    check('isLanguageTag', 'must be a language tag (BCP 47), such as en or ar-EG', isTag, options),
  );

/** A locale that only helps to choose a language: an invalid one is ignored. */
export const LocaleHint = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (languageTag(value) ?? undefined) : value));

const toTag = (value: unknown): unknown => (typeof value === 'string' ? (languageTag(value) ?? value) : value);

const isTag = (value: unknown): boolean => typeof value === 'string' && languageTag(value) !== null;

const check = (
  name: string,
  message: string,
  validate: (value: string) => boolean,
  options?: ValidationOptions,
): PropertyDecorator =>
  ValidateBy(
    {
      name,
      validator: {
        validate: (value: unknown) => typeof value === 'string' && validate(value),
        defaultMessage: buildMessage(() => message, options),
      },
    },
    options,
  );

/** An absolute https URL without a user name. */
export const HttpsUrl = (): PropertyDecorator =>
  applyDecorators(
    Trimmed(),
    IsUrl({ protocols: ['https'], require_protocol: true, disallow_auth: true }),
    MaxLength(1_000),
  );
