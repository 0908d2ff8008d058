import { getCountries, isSupportedCountry, type CountryCode } from 'libphonenumber-js/core';
import { metadata } from './phone-metadata.js';

/** ISO 3166-1 alpha-2 in upper case, of a country or territory with its own telephone numbers. */
export type Country = CountryCode;

export const isCountry = (value: unknown): value is Country =>
  typeof value === 'string' && isSupportedCountry(value as Country, metadata);

/** Matches zones without a place, such as CET and EST5EDT, which ICU resolves to a single city. */
const ZONE_WITHOUT_PLACE = /^[A-Z]{3}(?:\d[A-Z]{3})?$/;

/**
 * The country of a time zone; null for zones without a country, such as UTC, and for unknown names. Resolves aliases:
 * Asia/Calcutta and Asia/Kolkata are both in India.
 */
export function countryOfZone(zone: string | null | undefined): Country | null {
  const name = zone && !ZONE_WITHOUT_PLACE.test(zone) ? toIcuName(zone) : null;
  return name === null ? null : ((countryByIcuName ??= mapCountries()).get(name) ?? null);
}

let countryByIcuName: Map<string, Country> | null = null;

/** Inverts CLDR's list of zones by region. Newer engines provide a method, older ones a getter. */
function mapCountries(): Map<string, Country> {
  const found = new Map<string, Country>();
  for (const country of getCountries(metadata)) {
    const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & RegionZones;
    for (const zone of locale.getTimeZones?.() ?? locale.timeZones ?? []) {
      found.set(toIcuName(zone) ?? zone, country);
    }
  }
  return found;
}

interface RegionZones {
  getTimeZones?: () => string[] | undefined;
  timeZones?: string[];
}

/** ICU's canonical name, such as Asia/Calcutta, which differs from IANA's (`canonicalZoneName`). Null for an unknown name. */
function toIcuName(name: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
