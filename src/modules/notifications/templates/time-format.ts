import { LRUCache } from 'lru-cache';
import { Zone } from '../../../core/kernel/zone.js';
import type { Locale } from './locales.js';

/** An instant formatted for a locale and a time zone. The zone is always named. */
export interface FormattedTime {
  /** 'Monday, November 23, 2026 at 9:00 AM (GMT+2, Cairo time)' */
  long: string;
  /** 'Mon, Nov 23, 9:00 AM (GMT+2, Cairo time)' */
  short: string;
}

const LONG: Intl.DateTimeFormatOptions = { dateStyle: 'full', timeStyle: 'short' };
const DAY: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' };
const SHORT: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
};

/** @param instant epoch milliseconds */
export function formatTime(instant: number, zone: string, locale: Locale): FormattedTime {
  const label = zoneLabel(instant, zone, locale);
  const write = (options: Intl.DateTimeFormatOptions): string =>
    `${plainSpaces(getFormat(locale.tag, zone, options).format(instant))} (${label})`;
  return { long: write(LONG), short: write(SHORT) };
}

/** 'November 23, 2026', for a local day. */
export const formatDate = (day: string, locale: Locale): string =>
  plainSpaces(getFormat(locale.tag, 'UTC', { dateStyle: 'long' }).format(Date.parse(day)));

/** 'Monday, November 23 (GMT+2, Cairo time)', for the day of an instant. */
export const formatDay = (instant: number, zone: string, locale: Locale): string =>
  `${plainSpaces(getFormat(locale.tag, zone, DAY).format(instant))} (${zoneLabel(instant, zone, locale)})`;

/** '9:00 AM'; with the zone if the offset is not the same as at `since`. */
export function formatHour(instant: number, zone: string, locale: Locale, since: number): string {
  const hour = plainSpaces(getFormat(locale.tag, zone, { timeStyle: 'short' }).format(instant));
  const isSameOffset = Zone.of(zone).offsetAt(instant) === Zone.of(zone).offsetAt(since);
  return isSameOffset ? hour : `${hour} (${zoneLabel(instant, zone, locale)})`;
}

/** Returns the first of the time zones that is an IANA name; UTC if none is. */
export const usableZone = (...zones: string[]): string => zones.find((zone) => Zone.isValid(zone)) ?? 'UTC';

/** Whether the clocks of two time zones show the same time at an instant. */
export const hasSameOffset = (instant: number, one: string, other: string): boolean =>
  Zone.of(one).offsetAt(instant) === Zone.of(other).offsetAt(instant);

/** 'GMT+2, Cairo time'. The offset comes first, because abbreviations such as CST mean several zones. */
function zoneLabel(instant: number, zone: string, locale: Locale): string {
  const offset = zoneName(instant, zone, locale, 'shortOffset');
  // Names such as Etc/GMT+5 are not shown: they have the opposite sign of their offset, as in POSIX.
  if (/^(Etc\/|UTC$|GMT$)/.test(zone)) return Zone.of(zone).offsetAt(instant) === 0 ? 'UTC' : offset;
  return `${offset}${locale.direction === 'rtl' ? '،' : ','} ${placeName(instant, zone, locale)}`;
}

function placeName(instant: number, zone: string, locale: Locale): string {
  const city = (zone.split('/').at(-1) as string).replaceAll('_', ' ');
  if (locale.language === 'en') return `${city} time`;
  const name = zoneName(instant, zone, locale, 'shortGeneric');
  // ICU returns an offset if it has no name for the zone in this language.
  return /\d|[\u0660-\u0669]/.test(name) ? city : name;
}

function zoneName(instant: number, zone: string, locale: Locale, style: 'shortOffset' | 'shortGeneric'): string {
  const parts = getFormat(locale.tag, zone, { timeZoneName: style }).formatToParts(instant);
  return plainSpaces(parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone);
}

/** ICU puts U+202F before AM. One such character reduces the length of an SMS from 160 to 70 characters. */
const plainSpaces = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

/** Creating a format takes 50 times as long as using it. */
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 500 });

/** The calendar is always Gregorian, as in the clinic, although the default of ar-SA is Hijri. */
function getFormat(tag: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([tag, timeZone, options]);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(tag, { ...options, timeZone, calendar: 'gregory' });
    formats.set(key, format);
  }
  return format;
}
