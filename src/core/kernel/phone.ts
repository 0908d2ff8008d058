import { Metadata, parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/core';
import { isCountry, type Country } from './country.js';
import { metadata } from './phone-metadata.js';
import { plainText } from './plain-text.js';

/** A telephone number in plain text. Letters are not allowed: libphonenumber would read them as keys. */
const NUMBER = /^\(?\+?[\d\s()./-]+$/;
/** Separators that are replaced by spaces, because libphonenumber would end the number there. */
const SEPARATORS = /[_·•]/g;
/** A label before the number, from a contact or a link. */
const LABEL = /^(?:tel|phone|mobile|mob|ph)[.:]\s*/i;
/** A plus sign after the number, from right-to-left text. */
const TRAILING_PLUS = /^(\(?\d.*)\+$/;
const MAX_TYPED = 60;
/** Complete numbers of Andorra have six digits, some of small islands five. */
const MIN_DIGITS = 5;
/** ITU-T E.164 allows 15 digits, to which trunk and international prefixes may be added. */
const MAX_DIGITS = 20;

/**
 * Parses a typed number in any format. Returns E.164, or null if it cannot be a telephone number. Numbers that the library does
 * not know are accepted only for the likeliest country, so that an incomplete number does not become another one.
 * @param countries the ISO 3166-1 codes to try for a number without a country code, likeliest first
 */
export function toE164(typed: string, countries: readonly (string | null | undefined)[] = []): string | null {
  const numbers = readings(typed, countries);
  const known = numbers.find((number) => number.isValid());
  if (known) return known.number;
  const [likeliest] = countries.filter(isCountry);
  return readings(typed, [likeliest]).find(mayExist)?.number ?? null;
}

/** All valid E.164 numbers that the text can mean in these countries. */
export const possibleE164 = (typed: string, countries: readonly (string | null | undefined)[]): string[] => [
  ...new Set(readings(typed, countries).flatMap((number) => (number.isValid() ? [number.number] : []))),
];

/** Whether the text has the format of a telephone number. With a country code, the number must also be valid. */
export function isPhoneShaped(typed: string): boolean {
  const text = plainNumber(typed);
  if (text === null) return false;
  const digits = text.replace(/\D/g, '').length;
  if (digits < MIN_DIGITS || digits > MAX_DIGITS) return false;
  return !isInternational(text) || toE164(typed) !== null;
}

/** The digits of a stored number, by which it is found. Numbers of earlier versions may have no country code. */
export const toPhoneKey = (phone: string): string => phone.replace(/\D/g, '');

/** The digits of a complete or partial telephone number; empty for other texts. */
export const phoneDigits = (typed: string): string => plainNumber(typed)?.replace(/\D/g, '') ?? '';

/** Whether the text can be a complete telephone number, by which a person is searched. */
export const mayBeCompleteNumber = (typed: string): boolean => phoneDigits(typed).length >= MIN_DIGITS;

const plainNumber = (typed: string): string | null => {
  if (typed.length > MAX_TYPED) return null;
  const text = plainText(typed).replace(LABEL, '').replace(SEPARATORS, ' ').replace(TRAILING_PLUS, '+$1');
  return NUMBER.test(text) ? text : null;
};

const INTERNATIONAL_PREFIX = /^\(?00/;

const isInternational = (text: string): boolean => /^\(?\+/.test(text);

function readings(typed: string, countries: readonly (string | null | undefined)[]): PhoneNumber[] {
  const text = plainNumber(typed);
  if (text === null) return [];
  if (isInternational(text)) return parsed(text);
  const known = [...new Set(countries)].filter(isCountry);
  return [
    ...known.flatMap((country) => parsed(text, country)),
    // Most countries use 00 as the international prefix. Also try it for countries that use another one.
    ...(INTERNATIONAL_PREFIX.test(text) ? parsed(text.replace(INTERNATIONAL_PREFIX, '+')) : []),
  ];
}

function parsed(text: string, defaultCountry?: Country): PhoneNumber[] {
  const number = parsePhoneNumberFromString(text, { defaultCountry }, metadata);
  return number?.isPossible() ? [number] : [];
}

/**
 * Whether a number that the library does not know may exist: new ranges are assigned before the library is updated. A number of
 * the right length is accepted if most numbering plans could assign it: it does not start with 0, and in North America neither
 * area code nor exchange starts with 0 or 1. In a few countries numbers start with 0; these must be known to the library.
 */
function mayExist({ countryCallingCode, nationalNumber }: PhoneNumber): boolean {
  if (!isSubscriberLength(countryCallingCode, nationalNumber.length)) return false;
  if (/^(\d)\1+$/.test(nationalNumber)) return false;
  return countryCallingCode === '1' ? /^[2-9]\d{2}[2-9]\d{6}$/.test(nationalNumber) : !nationalNumber.startsWith('0');
}

/** A part of the library that its types do not declare (libphonenumber-js 1.13). Without it, phone.spec.ts fails. */
interface TypedLengths {
  type(name: string): { possibleLengths(): number[] } | undefined;
}

/** Whether fixed or mobile lines have numbers of this length. Shorter ones lack the area code or are service numbers. */
function isSubscriberLength(callingCode: string, length: number): boolean {
  return (metadata.country_calling_codes[callingCode] ?? []).some((country) => {
    const plans = new Metadata(metadata);
    plans.selectNumberingPlan(country);
    const lengths = plans.numberingPlan as unknown as TypedLengths | undefined;
    return ['FIXED_LINE', 'MOBILE'].some((type) => lengths?.type(type)?.possibleLengths().includes(length));
  });
}
