import { getCountries, isSupportedCountry, type CountryCode } from 'libphonenumber-js/core';
import { metadata } from './phone-metadata.js';

/** ISO 3166-1 alpha-2, upper case, of a country or territory that has telephone numbers of its own. */
export type Country = CountryCode;

export const isCountry = (value: unknown): value is Country =>
  typeof value === 'string' && isSupportedCountry(value as Country, metadata);

/** Zones such as CET and EST5EDT, which ICU takes for links to one city of the many that keep such a time. */
const OF_NO_PLACE = /^[A-Z]{3}(?:\d[A-Z]{3})?$/;

/**
 * The country in which a time zone lies; null for zones of no country, such as UTC, and for unknown names. Links resolve
 * to the zone that they stand for: Asia/Calcutta and Asia/Kolkata are both in India.
 */
export function countryOfZone(zone: string | null | undefined): Country | null {
  const name = zone && !OF_NO_PLACE.test(zone) ? canonicalZone(zone) : null;
  return name === null ? null : ((zones ??= countriesByZone()).get(name) ?? null);
}

let zones: Map<string, Country> | null = null;

/** CLDR's zones of each region, the other way round. Newer engines have a method where older ones have a getter. */
function countriesByZone(): Map<string, Country> {
  const found = new Map<string, Country>();
  for (const country of getCountries(metadata)) {
    const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & RegionZones;
    for (const zone of locale.getTimeZones?.() ?? locale.timeZones ?? []) {
      found.set(canonicalZone(zone) ?? zone, country);
    }
  }
  return found;
}

interface RegionZones {
  getTimeZones?: () => string[] | undefined;
  timeZones?: string[];
}

function canonicalZone(name: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
