import { minorDigits } from '../../../../core/kernel/money.js';
import { plainText } from '../../../../core/kernel/plain-text.js';

/** Reads a whole number, also with its unit: `30 min`. Null if it is none. */
export function parseInteger(typed: string): number | null {
  const match = /^(\d{1,9})(?:[.,]0+)? ?(?:min|mins|minutes?|minuten|minutos?|دقيقة|دقائق|मिनट)?\.?$/i.exec(
    plainText(typed),
  );
  return match ? Number(match[1]) : null;
}

export type ParsedAmount = { amount: number; currency: string | null } | { error: string };

const SYMBOLS: Readonly<Record<string, string>> = { '€': 'EUR', '₹': 'INR', '£': 'GBP', '₪': 'ILS', 'ج.م': 'EGP' };
export const NO_CURRENCY = 'has no currency. Set mapping.currency, or map a column with the currency';
const NOT_AN_AMOUNT = 'must be an amount, such as 500.00';

const AMBIGUOUS = 'can be read as thousands or as decimals. Write it without separators, or with all decimals';
/** The pattern would take long for a longer text. */
const MAX_CHARACTERS = 100;

/** What stands before the decimals. */
export type DecimalMark = '.' | ',';

/**
 * Reads an amount of money, with a point or a comma before the decimals, and perhaps a currency.
 * @param mark what other amounts of the column have before the decimals; null if they do not say
 * @returns minor units
 */
export function parseAmount(
  typed: string,
  defaultCurrency: string | null,
  mark: DecimalMark | null = null,
): ParsedAmount {
  if (typed.length > MAX_CHARACTERS) return { error: NOT_AN_AMOUNT };
  const match = splitAmount(typed);
  if (!match) return { error: NOT_AN_AMOUNT };
  const currency = toCurrency(`${match[1] ?? ''}${match[3] ?? ''}`.trim());
  if (currency === undefined) return { error: NOT_AN_AMOUNT };
  const known = currency ?? defaultCurrency;
  if (known === null) return { error: NO_CURRENCY };
  return toMinorUnits((match[2] ?? '').replace(/[' ]/g, ''), known, currency, mark);
}

/** Null: none; undefined: it is something else. */
function toCurrency(text: string): string | null | undefined {
  if (text === '') return null;
  return SYMBOLS[text] ?? (/^[A-Z]{3}$/i.test(text) ? text.toUpperCase() : undefined);
}

function toMinorUnits(
  number: string,
  currency: string,
  typedCurrency: string | null,
  mark: DecimalMark | null,
): ParsedAmount {
  const digits = minorDigits(currency);
  const parts = splitDecimals(number, digits, mark);
  if ('error' in parts) return parts;
  const { units, decimals } = parts;
  if (decimals.replace(/0+$/, '').length > digits) return { error: `must have at most ${digits} decimals` };
  const amount = Number(`${units.replace(/[.,]/g, '')}${decimals.slice(0, digits).padEnd(digits, '0')}`);
  return Number.isSafeInteger(amount) ? { amount, currency: typedCurrency } : { error: NOT_AN_AMOUNT };
}

/** Text before the number, the number, and text behind it. */
const splitAmount = (typed: string): RegExpExecArray | null =>
  /^(\D*?)(-?\d[\d.,' ]*)(\D*)$/.exec(plainText(typed.replaceAll('٫', '.').replaceAll('٬', ',')));

/** Digits that a group of three can follow. */
const GROUPS = /^-?[1-9]\d{0,2}(?:[.,]\d{2,3})*$/;

type NumberParts = { units: string; decimals: string } | { error: string };

/** @param digits the decimals of the currency */
function splitDecimals(number: string, digits: number, mark: DecimalMark | null): NumberParts {
  const [, units = '', last = '', end = ''] = /^(-?[\d.,]*?)(?:([.,])(\d+))?$/.exec(number) ?? [];
  const isGrouped = GROUPS.test(units);
  const separators = new Set(units.replace(/[\d-]/g, ''));
  if ((!isGrouped && !/^-?\d+$/.test(units)) || separators.size > 1) return { error: NOT_AN_AMOUNT };
  const [asGroup, asDecimals] = [
    { units: `${units}${end}`, decimals: '' },
    { units, decimals: end },
  ];
  if (separators.has(last)) return end.length === 3 ? asGroup : { error: NOT_AN_AMOUNT };
  if (separators.size > 0 || end.length !== 3 || !isGrouped) return asDecimals;
  if (mark !== null) return last === mark ? asDecimals : asGroup;
  if (digits === 3) return last === '.' ? asDecimals : { error: AMBIGUOUS };
  return digits > 0 && end.endsWith('0') ? { error: AMBIGUOUS } : asGroup;
}

/** Finds out what the amounts of a column have before their decimals. */
export class DecimalMarkFinder {
  private readonly found = new Set<DecimalMark>();

  add(typed: string): void {
    if (typed.length > MAX_CHARACTERS) return;
    const number = splitAmount(typed)?.[2]?.replace(/[' ]/g, '') ?? '';
    const [, units = '', last, end = ''] = /^(-?[\d.,]*?)([.,])(\d+)$/.exec(number) ?? [];
    if (last === undefined) return;
    const isRepeated = units.includes(last);
    // `1,250` says nothing, and `1,250,000` that commas are not before decimals.
    if (!isRepeated && !/[.,]/.test(units) && end.length === 3 && GROUPS.test(units)) return;
    const isPoint = (last === '.') !== isRepeated;
    this.found.add(isPoint ? '.' : ',');
  }

  /** Null if no amount says it, or not all say the same. */
  decide(): DecimalMark | null {
    const [mark, other] = this.found;
    return other === undefined ? (mark ?? null) : null;
  }
}
