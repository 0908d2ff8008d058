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

/**
 * Reads an amount of money, with a point or a comma before the decimals, and perhaps a currency.
 * @returns minor units
 */
export function parseAmount(typed: string, defaultCurrency: string | null): ParsedAmount {
  const text = plainText(typed.replaceAll('٫', '.').replaceAll('٬', ','));
  const match = /^(\D*?)(-?\d[\d.,' ]*)(\D*)$/.exec(text);
  if (!match) return { error: NOT_AN_AMOUNT };
  const currency = toCurrency(`${match[1] ?? ''}${match[3] ?? ''}`.trim());
  if (currency === undefined) return { error: NOT_AN_AMOUNT };
  const known = currency ?? defaultCurrency;
  if (known === null) return { error: NO_CURRENCY };
  return toMinorUnits((match[2] ?? '').replace(/[' ]/g, ''), known, currency);
}

/** The number of digits of a currency's minor unit. */
export const minorDigits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Null: none; undefined: it is something else. */
function toCurrency(text: string): string | null | undefined {
  if (text === '') return null;
  return SYMBOLS[text] ?? (/^[A-Z]{3}$/i.test(text) ? text.toUpperCase() : undefined);
}

function toMinorUnits(number: string, currency: string, typedCurrency: string | null): ParsedAmount {
  const digits = minorDigits(currency);
  const match = /^(-?[\d.,]*?)(?:[.,](\d+))?$/.exec(number);
  const [, whole = '', fraction] = match ?? [];
  const separators = new Set(number.replace(/[\d-]/g, ''));
  // `1,234` and `1.234`: no currency with two decimals has three.
  const isGrouped = separators.size === 1 && fraction?.length === 3 && digits !== 3;
  if (
    separators.size === 1 &&
    fraction?.length === 3 &&
    digits === 3 &&
    /^\d{1,3}$/.test(whole) &&
    number.includes(',')
  )
    return { error: 'can be read as thousands or as decimals. Write it without separators, or with all decimals' };
  const [units, decimals] = isGrouped ? [`${whole}${fraction}`, ''] : [whole, fraction ?? ''];
  if (decimals.replace(/0+$/, '').length > digits) return { error: `must have at most ${digits} decimals` };
  const plain = units.replace(/[.,]/g, '');
  const amount = Number(`${plain}${decimals.slice(0, digits).padEnd(digits, '0')}`);
  return Number.isSafeInteger(amount) ? { amount, currency: typedCurrency } : { error: NOT_AN_AMOUNT };
}
