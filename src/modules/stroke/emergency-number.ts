import { regionOf } from '../../core/kernel/locale.js';

/** How the number was found: a number that was guessed from a locale is shown with its country. */
export type NumberSource = 'CLINIC' | 'COUNTRY' | 'LOCALE';

export interface EmergencyNumber {
  number: string | null;
  from: NumberSource | null;
  country: string | null;
}

interface Place {
  clinicNumber?: string | null;
  /** ISO 3166-1 alpha-2 of the clinic. */
  clinicCountry?: string | null;
  /** ISO 3166-1 alpha-2, as the caller names it. */
  country?: string | null;
  /** The request's, then the profile's. */
  locales: readonly (string | null | undefined)[];
}

const UNKNOWN: EmergencyNumber = { number: null, from: null, country: null };

/**
 * The clinic's own number, else that of the country that the caller names, else of the clinic's country, else of the region
 * of the caller's locale. The table is configuration (EMERGENCY_NUMBERS). Where it knows none there is none: a wrong number
 * is worse. A country that is known is never passed over for a locale.
 */
export function emergencyNumber(
  { clinicNumber, clinicCountry, country, locales }: Place,
  table: Readonly<Record<string, string>>,
): EmergencyNumber {
  if (clinicNumber) return { number: clinicNumber, from: 'CLINIC', country: null };
  if (country) return inCountry(country.toUpperCase(), 'COUNTRY', table);
  if (clinicCountry) return inCountry(clinicCountry.toUpperCase(), 'CLINIC', table);
  const region = locales.map(regionOf).find((found) => found !== null);
  return region ? inCountry(region, 'LOCALE', table) : UNKNOWN;
}

function inCountry(country: string, from: NumberSource, table: Readonly<Record<string, string>>): EmergencyNumber {
  const number = Object.hasOwn(table, country) ? table[country] : undefined;
  return number ? { number, from, country } : UNKNOWN;
}
