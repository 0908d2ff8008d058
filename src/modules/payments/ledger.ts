/**
 * The accounts of the ledger. PROVIDER: money that the provider holds for the clinic. REVENUE: prices without tax. TAX: tax that the clinic
 * owes. REFUNDS: refunds that are owed to patients.
 */
export const LEDGER_ACCOUNTS = ['PROVIDER', 'REVENUE', 'TAX', 'REFUNDS'] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

export const LEDGER_EVENTS = ['CAPTURED', 'REFUND_DUE', 'REFUNDED', 'REFUND_FAILED'] as const;
export type LedgerEvent = (typeof LEDGER_EVENTS)[number];

/** Debits are positive, credits negative. */
export type Entries = [account: LedgerAccount, amountMinor: number][];

/** The tax in a gross amount of minor units, rounded half up. */
export function includedTax(amountMinor: number, taxBasisPoints: number): number {
  // The product can exceed the integers that a number represents exactly.
  const [tax, divisor] = [BigInt(amountMinor) * BigInt(taxBasisPoints), 10_000n + BigInt(taxBasisPoints)];
  return Number((2n * tax + divisor) / (2n * divisor));
}

/** `percent` of an amount, rounded up, so that a percentage of something is not nothing. */
export const percentOf = (amountMinor: number, percent: number): number =>
  Number((BigInt(amountMinor) * BigInt(percent) + 99n) / 100n);

export function captured(amountMinor: number, taxBasisPoints: number): Entries {
  const tax = includedTax(amountMinor, taxBasisPoints);
  return withoutZeros([
    ['PROVIDER', amountMinor],
    ['REVENUE', tax - amountMinor],
    ['TAX', -tax],
  ]);
}

/**
 * A refund reduces revenue and tax. After all refunds of a payment, both are zero: the tax is the difference of that of the sums.
 * @param earlierMinor what was refunded of the payment before
 */
export function refundDue(amountMinor: number, earlierMinor: number, taxBasisPoints: number): Entries {
  const tax = includedTax(earlierMinor + amountMinor, taxBasisPoints) - includedTax(earlierMinor, taxBasisPoints);
  return withoutZeros([
    ['REVENUE', amountMinor - tax],
    ['TAX', tax],
    ['REFUNDS', -amountMinor],
  ]);
}

export const refunded = (amountMinor: number): Entries => [
  ['REFUNDS', amountMinor],
  ['PROVIDER', -amountMinor],
];

/** The opposite of entries. */
export const reversed = (entries: Entries): Entries => entries.map(([account, amount]) => [account, -amount]);

const withoutZeros = (entries: Entries): Entries => entries.filter(([, amount]) => amount !== 0);
