import { getRegion } from '../../core/kernel/locale.js';

/** The source of the number. A number that was derived from a locale is shown with its country. */
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
  /** ISO 3166-1 alpha-2, given by the caller. */
  country?: string | null;
  /** The locale of the request, then of the profile, then those of Accept-Language. */
  locales: readonly (string | null | undefined)[];
}

const UNKNOWN: EmergencyNumber = { number: null, from: null, country: null };

/**
 * The clinic's own number; otherwise the number in the table (EMERGENCY_NUMBERS or CRISIS_LINES) of the country that the caller gives,
 * of the clinic's country, or of the country of the caller's locale, in this order. The locale is used only if no country is known.
 * Returns no number if none is configured: a wrong number would be worse.
 */
export function emergencyNumber(
  { clinicNumber, clinicCountry, country, locales }: Place,
  table: Readonly<Record<string, string>>,
): EmergencyNumber {
  if (clinicNumber) return { number: clinicNumber, from: 'CLINIC', country: null };
  if (country) return inCountry(country.toUpperCase(), 'COUNTRY', table);
  if (clinicCountry) return inCountry(clinicCountry.toUpperCase(), 'CLINIC', table);
  const region = locales.map(getRegion).find((found) => found !== null);
  return region ? inCountry(region, 'LOCALE', table) : UNKNOWN;
}

function inCountry(country: string, from: NumberSource, table: Readonly<Record<string, string>>): EmergencyNumber {
  const number = Object.hasOwn(table, country) ? table[country] : undefined;
  return number ? { number, from, country } : UNKNOWN;
}
