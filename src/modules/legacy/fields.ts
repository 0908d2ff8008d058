import { isISO4217CurrencyCode } from 'class-validator';
import { invalid } from '../../core/kernel/domain-error.js';

/** Systems spell the same name as `passwordHash`, `password_hash` or `PasswordHash`. */
const fold = (name: string): string => name.toLowerCase().replace(/[_\s-]/g, '');

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

const TRUE = new Set(['true', 't', '1', 'yes']);
const FALSE = new Set(['false', 'f', '0', 'no']);

/** In the units of the currency; null if the text does not name one. */
interface Money {
  amount: number;
  currency: string | null;
}

const SIGNS: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR', '£': 'GBP', '₹': 'INR' };
const MONEY =
  /^(?<before>[a-z]{3}|[$€£₹])?\s*(?<amount>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?<after>[a-z]{3}|[$€£₹])?$/i;

/** The values of a record of another system. Remembers which were read, so that the report can name the others. */
export class Fields {
  private readonly names = new Map<string, string>();
  private readonly used = new Set<string>();

  constructor(readonly values: Readonly<Record<string, unknown>>) {
    for (const name of Object.keys(values)) this.names.set(fold(name), name);
  }

  /** The first of these fields that has a value; null if none has. */
  raw(...candidates: string[]): unknown {
    let found: unknown = null;
    for (const candidate of candidates) {
      const name = this.names.get(fold(candidate));
      if (name === undefined) continue;
      this.used.add(name);
      const value = this.values[name];
      if (isEmpty(found) && !isEmpty(value)) found = value;
    }
    return isEmpty(found) ? null : found;
  }

  /** Numbers are returned as text. */
  text(...candidates: string[]): string | null {
    const value = this.raw(...candidates);
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (typeof value !== 'string') return null;
    return value.trim() === '' ? null : value.trim();
  }

  /** @throws DomainError VALIDATION_ERROR for a value that is no number, so that no other one stands for it */
  number(...candidates: string[]): number | null {
    const text = this.text(...candidates);
    const value = Number(text);
    if (text === null || Number.isFinite(value)) return text === null ? null : value;
    throw invalid({ field: candidates[0] ?? 'field', error: 'must be a number' });
  }

  /** An amount, such as 250.5, `300 EGP` or `$1,200.00`. @throws DomainError VALIDATION_ERROR for other texts */
  money(...candidates: string[]): Money | null {
    const text = this.text(...candidates);
    if (text === null) return null;
    if (Number.isFinite(Number(text))) return { amount: Number(text), currency: null };
    const { before, amount, after } = MONEY.exec(text)?.groups ?? {};
    const sign = before ?? after ?? '';
    const currency = SIGNS[sign] ?? sign.toUpperCase();
    if (amount === undefined || (before && after) || !isISO4217CurrencyCode(currency)) {
      throw invalid({ field: candidates[0] ?? 'field', error: 'must be an amount, such as 250.50 or 250.50 EGP' });
    }
    return { amount: Number(amount.replaceAll(',', '')), currency };
  }

  boolean(...candidates: string[]): boolean | null {
    const text = this.text(...candidates)?.toLowerCase() ?? '';
    return TRUE.has(text) ? true : FALSE.has(text) ? false : null;
  }

  /** @throws DomainError VALIDATION_ERROR */
  required(...candidates: string[]): string {
    const text = this.text(...candidates);
    if (text === null) throw invalid({ field: candidates[0] ?? 'field', error: 'is missing' });
    return text;
  }

  /** The elements of a list of objects. */
  objects(...candidates: string[]): Fields[] {
    const value = this.raw(...candidates);
    const items: unknown[] = Array.isArray(value) ? value : [];
    return items.filter(isRecord).map((item) => new Fields(item));
  }

  object(...candidates: string[]): Fields | null {
    const value = this.raw(...candidates);
    return isRecord(value) ? new Fields(value) : null;
  }

  /** The names of fields with a value that nothing has read. */
  unread(): string[] {
    return [...this.names.values()].filter((name) => !this.used.has(name) && !isEmpty(this.values[name]));
  }

  /** The names of all fields with a value. */
  filled(): string[] {
    return [...this.names.values()].filter((name) => !isEmpty(this.values[name]));
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
