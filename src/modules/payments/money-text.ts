import { minorDigits } from '../../core/kernel/money.js';

/** An amount in minor units as text: `₹500.00`. The currency decides how many digits are minor. */
export function formatMoney(amountMinor: number, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(amountMinor / 10 ** minorDigits(currency));
}
