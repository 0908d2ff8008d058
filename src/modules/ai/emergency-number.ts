/** The countries of the zones that our clinics' patients live in; tzdata's zone.tab says the same. */
const COUNTRY_OF_ZONE: Readonly<Record<string, string>> = {
  'Africa/Cairo': 'EG',
  'Africa/Casablanca': 'MA',
  'Africa/Johannesburg': 'ZA',
  'Africa/Khartoum': 'SD',
  'Africa/Lagos': 'NG',
  'Africa/Nairobi': 'KE',
  'America/Toronto': 'CA',
  'America/Chicago': 'US',
  'America/Denver': 'US',
  'America/Los_Angeles': 'US',
  'America/New_York': 'US',
  'Asia/Amman': 'JO',
  'Asia/Baghdad': 'IQ',
  'Asia/Bahrain': 'BH',
  'Asia/Beirut': 'LB',
  'Asia/Calcutta': 'IN',
  'Asia/Colombo': 'LK',
  'Asia/Dhaka': 'BD',
  'Asia/Dubai': 'AE',
  'Asia/Karachi': 'PK',
  'Asia/Kathmandu': 'NP',
  'Asia/Kolkata': 'IN',
  'Asia/Kuwait': 'KW',
  'Asia/Muscat': 'OM',
  'Asia/Qatar': 'QA',
  'Asia/Riyadh': 'SA',
  'Asia/Singapore': 'SG',
  'Australia/Sydney': 'AU',
  'Europe/Berlin': 'DE',
  'Europe/London': 'GB',
  'Europe/Paris': 'FR',
};

export interface EmergencyNumber {
  number: string;
  /** Set where the number was guessed from where the caller seems to live: it is then shown with its country. */
  country: string | null;
}

interface Place {
  clinicNumber: string | null;
  timeZone: string | null;
  locales: readonly (string | null | undefined)[];
}

/**
 * The clinic's own number, else that of the caller's country by time zone, then by locale, from the configured table
 * (EMERGENCY_NUMBERS). There is no default: a wrong number is worse than "your local emergency number".
 */
export function emergencyNumber(
  { clinicNumber, timeZone, locales }: Place,
  table: Readonly<Record<string, string>>,
): EmergencyNumber | null {
  if (clinicNumber) return { number: clinicNumber, country: null };
  const ofZone = timeZone ? COUNTRY_OF_ZONE[timeZone] : undefined;
  const country = ofZone ?? locales.map(regionOf).find((region) => region !== null);
  const number = country && Object.hasOwn(table, country) ? table[country] : undefined;
  return country && number ? { number, country } : null;
}

function regionOf(locale: string | null | undefined): string | null {
  return /[-_]([A-Za-z]{2})(?:$|[-_])/.exec(locale ?? '')?.[1]?.toUpperCase() ?? null;
}
