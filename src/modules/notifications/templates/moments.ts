import { LRUCache } from 'lru-cache';
import { Zone } from '../../../core/kernel/zone.js';
import type { Locale } from './locales.js';

/** An instant formatted for a locale and a time zone. The zone is always named. */
export interface Moment {
  /** 'Monday, November 23, 2026 at 9:00 AM (GMT+2, Cairo time)' */
  long: string;
  /** 'Mon, Nov 23, 9:00 AM (GMT+2, Cairo time)' */
  short: string;
}

const LONG: Intl.DateTimeFormatOptions = { dateStyle: 'full', timeStyle: 'short' };
const SHORT: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
};

export function moment(ms: number, zone: string, locale: Locale): Moment {
  const label = zoneLabel(ms, zone, locale);
  const write = (options: Intl.DateTimeFormatOptions): string =>
    `${plainSpaces(format(locale.tag, zone, options).format(ms))} (${label})`;
  return { long: write(LONG), short: write(SHORT) };
}

/** The recipient's time zone, or the clinic's if the recipient's is no IANA name. */
export const usableZone = (...zones: string[]): string => zones.find((zone) => Zone.isValid(zone)) ?? 'UTC';

/** Whether the clocks of two time zones show the same time at an instant. */
export const sameClock = (ms: number, one: string, other: string): boolean =>
  Zone.of(one).offsetAt(ms) === Zone.of(other).offsetAt(ms);

/** 'GMT+2, Cairo time'. Abbreviations such as CST mean several zones, so the offset comes first. */
function zoneLabel(ms: number, zone: string, locale: Locale): string {
  const offset = zoneName(ms, zone, locale, 'shortOffset');
  // The names Etc/GMT+5 and similar have the sign of POSIX, which misleads.
  if (/^(Etc\/|UTC$|GMT$)/.test(zone)) return Zone.of(zone).offsetAt(ms) === 0 ? 'UTC' : offset;
  return `${offset}${locale.direction === 'rtl' ? '،' : ','} ${placeName(ms, zone, locale)}`;
}

function placeName(ms: number, zone: string, locale: Locale): string {
  const city = (zone.split('/').at(-1) as string).replaceAll('_', ' ');
  if (locale.language === 'en') return `${city} time`;
  const name = zoneName(ms, zone, locale, 'shortGeneric');
  return /\d|[\u0660-\u0669]/.test(name) ? city : name;
}

function zoneName(ms: number, zone: string, locale: Locale, style: 'shortOffset' | 'shortGeneric'): string {
  const parts = format(locale.tag, zone, { timeZoneName: style }).formatToParts(ms);
  return plainSpaces(parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone);
}

/** ICU puts U+202F before AM. One such character cuts an SMS from 160 to 70 characters. */
const plainSpaces = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 500 });

/** Creating a format costs 50 times its use. Always Gregorian, as the clinic's calendar, although ar-SA defaults to Hijri. */
function format(tag: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([tag, timeZone, options]);
  let known = formats.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(tag, { ...options, timeZone, calendar: 'gregory' });
    formats.set(key, known);
  }
  return known;
}
