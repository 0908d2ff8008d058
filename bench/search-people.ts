import { CLINICS, getId } from './dataset.js';

/** The patients of the search benchmark, computed from a number. Their numbers follow those of the other benchmarks. */
const FIRST = 1_000_000;

/** Names in three scripts; a third of the patients each. */
const NAMES = [
  {
    first:
      'Anna Ben Carla David Élodie Frank Greta Hugo Ines Jonas Karin Lukas María Nils Olga Pedro Quinn Rosa Søren Tomáš',
    last:
      'Albrecht Baker Castillo Dubois Eriksson Fischer García Hoffmann Ibrahimović Jensen Kowalski Larsson Müller Nguyen ' +
      "O'Brien Petrov Quiroga Rossi Schneider Taylor Ulrich Vogel Weber Yılmaz Zimmermann",
  },
  {
    first: 'أحمد بسمة جمال حسين خديجة داليا رامي زينب سارة شريف صلاح طارق عائشة فاطمة كريم ليلى محمد منى نادية يوسف',
    last:
      'إبراهيم البنا التميمي الجمال الحداد الخطيب الدسوقي الرفاعي الزيات السيد الشافعي الصاوي العطار الغزالي الفقي ' +
      'القاضي الكيلاني المصري النجار الهواري حسن سليمان عثمان فاروق منصور',
  },
  {
    first: 'अनिल भावना चेतन दीपा एकता गीता हरीश ईशा जया कमल लता मोहन नेहा ओम पूजा राहुल सीता तरुण उमा विकास',
    last:
      'अग्रवाल बनर्जी चौधरी देसाई गुप्ता जैन कपूर खन्ना कुलकर्णी मेहता मिश्रा नायर पटेल पांडे राव रेड्डी सक्सेना शर्मा ' +
      'शुक्ला सिंह तिवारी त्रिपाठी वर्मा व्यास यादव',
  },
].map(({ first, last }) => ({ first: first.split(' '), last: last.split(' ') }));

/** Mobile numbers of the countries of the clinics: the digits before the subscriber's, and how many these are. */
const MOBILES = [
  { code: '20', national: '010', prefix: '10', digits: 8 },
  { code: '49', national: '0151', prefix: '151', digits: 8 },
  { code: '1', national: '212', prefix: '212', digits: 7 },
  { code: '91', national: '098', prefix: '98', digits: 8 },
  { code: '61', national: '04', prefix: '4', digits: 8 },
] as const;

export const COUNTRIES = ['EG', 'DE', 'US', 'IN', 'AU'];

/** A prime, so that neighbours have different values. */
const STEP = 7_919;

const at = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

const pad = (n: number, digits: number): string => String(n).padStart(digits, '0');

const DAY = 86_400_000;
const BORN = { from: Date.UTC(1930, 0, 1), days: 33_000 };

export interface Person {
  userId: string;
  clientId: string;
  clinic: number;
  clinicId: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  /** As people of the country write the number. */
  nationalPhone: string;
  dateOfBirth: string;
  mrn: string;
  address: string;
  emergencyContact: string;
  notes: string;
}

export function getPerson(n: number): Person {
  const names = at(NAMES, n);
  const clinic = n % CLINICS;
  const mixed = n * STEP;
  const { code, national, prefix, digits } = at(MOBILES, clinic);
  // The first digit of an American number after its area code is not 0 or 1.
  const subscriber = code === '1' ? 2_000_000 + n : 20_000_000 + n * 7;
  return {
    userId: getId('user', FIRST + n),
    clientId: getId('client', FIRST + n),
    clinic,
    clinicId: getId('clinic', clinic),
    firstName: at(names.first, mixed),
    lastName: at(names.last, Math.floor(mixed / names.first.length)),
    email: `patient.${n}@mail${n % 40}.bench.example`,
    phone: `+${code}${prefix}${pad(subscriber, digits)}`,
    nationalPhone: `${national}${pad(subscriber, digits)}`,
    dateOfBirth: new Date(BORN.from + (mixed % BORN.days) * DAY).toISOString().slice(0, 10),
    mrn: `MRN-${pad(n, 7)}`,
    address: `${(n % 180) + 1} ${at(names.last, n)} Street, ${pad(mixed % 100_000, 5)}`,
    emergencyContact: `${at(names.first, n)} ${at(names.last, mixed)}, +${code}${prefix}${pad(subscriber + 1, digits)}`,
    notes: n % 4 === 0 ? `Allergic to penicillin. Prefers mornings. No. ${n}.` : '',
  };
}

/** What a front desk searches for. Each is the text that finds a patient. */
export const SEARCHES = {
  phone: ({ phone }: Person): string => phone,
  'phone, national': ({ nationalPhone }: Person): string => nationalPhone,
  'e-mail': ({ email }: Person): string => email,
  MRN: ({ mrn }: Person): string => mrn,
  name: ({ firstName, lastName }: Person): string => `${firstName} ${lastName}`,
  'start of a last name': ({ lastName }: Person): string => lastName.slice(0, 4),
  'date of birth': ({ dateOfBirth }: Person): string => dateOfBirth,
} satisfies Record<string, (person: Person) => string>;

export type Search = keyof typeof SEARCHES;

/** Searches that find exactly one patient. The others find several, of whom the oldest are on the first page. */
export const UNIQUE: readonly Search[] = ['phone', 'phone, national', 'e-mail', 'MRN'];

/** Patients who are searched, spread over all. */
export const getSamples = (people: number, count: number): Person[] =>
  Array.from({ length: count }, (_, i) => getPerson((i * 104_729) % people));
