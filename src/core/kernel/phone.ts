import { Metadata, parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/core';
import { isCountry, type Country } from './country.js';
import { metadata } from './phone-metadata.js';
import { plainText } from './plain-text.js';

/** What a number consists of once it is plain; libphonenumber reads letters as keys, which nobody means here. */
const NUMBER = /^\(?\+?[\d\s()./-]+$/;
/** Between digits they are blanks: libphonenumber ends a number there. */
const SEPARATORS = /[_·•]/g;
/** What people write before a number, in a contact or in a link. */
const LABEL = /^(?:tel|phone|mobile|mob|ph)[.:]\s*/i;
/** Copied from a text that runs from right to left, the sign stands behind the number. */
const SIGN_BEHIND = /^(\(?\d.*)\+$/;
const MAX_TYPED = 60;
/** ITU-T E.164 allows 15 digits; a trunk prefix, an international prefix and a doubled zero may come on top. */
const [MIN_DIGITS, MAX_DIGITS] = [5, 20];

/**
 * The E.164 form of a number as somebody typed it, in any spelling; null where it can't be a number. A part of a number
 * must not become another one, so only the likeliest country may have numbers that are unknown to the library.
 * @param countries ISO 3166-1 codes in which a number without a country code may be meant, the likeliest first
 */
export function toE164(typed: string, countries: readonly (string | null | undefined)[] = []): string | null {
  const numbers = readings(typed, countries);
  const known = numbers.find((number) => number.isValid());
  if (known) return known.number;
  const [likeliest] = countries.filter(isCountry);
  return readings(typed, [likeliest]).find(mayExist)?.number ?? null;
}

/** Every E.164 number that libphonenumber knows to exist and that the text can mean in these countries. */
export const possibleE164 = (typed: string, countries: readonly (string | null | undefined)[]): string[] => [
  ...new Set(readings(typed, countries).flatMap((number) => (number.isValid() ? [number.number] : []))),
];

/** Whether the text has the shape of a telephone number. With its country code it must also be one. */
export function isPhoneShaped(typed: string): boolean {
  const text = plainNumber(typed);
  if (text === null) return false;
  const digits = text.replace(/\D/g, '').length;
  if (digits < MIN_DIGITS || digits > MAX_DIGITS) return false;
  return !isInternational(text) || toE164(typed) !== null;
}

/** The digits of a text that is written like a number or a part of one; empty for other texts. */
export const phoneDigits = (typed: string): string => plainNumber(typed)?.replace(/\D/g, '') ?? '';

const plainNumber = (typed: string): string | null => {
  if (typed.length > MAX_TYPED) return null;
  const text = plainText(typed).replace(LABEL, '').replace(SEPARATORS, ' ').replace(SIGN_BEHIND, '+$1');
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
    // 00 is how most of the world dials abroad, also where the country given here dials otherwise.
    ...(INTERNATIONAL_PREFIX.test(text) ? parsed(text.replace(INTERNATIONAL_PREFIX, '+')) : []),
  ];
}

function parsed(text: string, defaultCountry?: Country): PhoneNumber[] {
  const number = parsePhoneNumberFromString(text, { defaultCountry }, metadata);
  return number?.isPossible() ? [number] : [];
}

/**
 * Ranges are assigned all the time, and the library lags behind. A number of the right length is accepted if its
 * numbering plan could assign it: no subscriber's number outside of Italy begins with 0, and in North America neither
 * area code nor exchange begins with 0 or 1.
 */
function mayExist({ countryCallingCode, nationalNumber }: PhoneNumber): boolean {
  if (!isLengthOfLine(countryCallingCode, nationalNumber.length)) return false;
  if (/^(\d)\1+$/.test(nationalNumber)) return false;
  return countryCallingCode === '1' ? /^[2-9]\d{2}[2-9]\d{6}$/.test(nationalNumber) : !nationalNumber.startsWith('0');
}

/** What the library has and its types leave out. */
interface TypedLengths {
  type(name: string): { possibleLengths(): number[] } | undefined;
}

/** Whether people have numbers of this length there. Shorter ones lack the area code, or are those of services. */
function isLengthOfLine(callingCode: string, length: number): boolean {
  return (metadata.country_calling_codes[callingCode] ?? []).some((country) => {
    const plans = new Metadata(metadata);
    plans.selectNumberingPlan(country);
    const lengths = plans.numberingPlan as unknown as TypedLengths | undefined;
    return ['FIXED_LINE', 'MOBILE'].some((type) => lengths?.type(type)?.possibleLengths().includes(length));
  });
}
