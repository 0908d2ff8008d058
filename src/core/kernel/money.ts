/** The number of digits of a currency's minor unit: 2 for euros, 0 for yen. @throws RangeError unless the code has three letters */
export const minorDigits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
