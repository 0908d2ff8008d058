import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/core';
import { isCountry, type Country } from './country.js';
import { metadata } from './phone-metadata.js';
import { plainText } from './plain-text.js';

/** What a number consists of once it is plain; libphonenumber reads letters as keys, which nobody means here. */
const NUMBER = /^\(?\+?[\d\s()./-]+$/;
const MAX_TYPED = 60;
/** ITU-T E.164 allows 15 digits; a trunk prefix, an international prefix and a doubled zero may come on top. */
const [MIN_DIGITS, MAX_DIGITS] = [5, 20];

/**
 * The E.164 form of a number as somebody typed it, in any spelling; null where it can't be a number.
 * @param countries ISO 3166-1 codes in which a number without a country code may be meant, the likeliest first
 */
export function toE164(typed: string, countries: readonly (string | null | undefined)[] = []): string | null {
  const numbers = readings(typed, countries);
  return (numbers.find((number) => number.isValid()) ?? numbers.find(mayExist))?.number ?? null;
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
  const text = plainText(typed).replace(/^tel:\s*/i, '');
  return NUMBER.test(text) ? text : null;
};

const isInternational = (text: string): boolean => /^\(?\+/.test(text);

function readings(typed: string, countries: readonly (string | null | undefined)[]): PhoneNumber[] {
  const text = plainNumber(typed);
  if (text === null) return [];
  if (isInternational(text)) return parsed(text);
  const known = [...new Set(countries)].filter(isCountry);
  return [
    ...known.flatMap((country) => parsed(text, country)),
    // 00 is how most of the world dials abroad, also where the country given here dials otherwise.
    ...(text.startsWith('00') ? parsed(`+${text.slice(2)}`) : []),
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
  if (/^(\d)\1+$/.test(nationalNumber)) return false;
  return countryCallingCode === '1' ? /^[2-9]\d{2}[2-9]\d{6}$/.test(nationalNumber) : !nationalNumber.startsWith('0');
}
