import { minorDigits } from '../../../../core/kernel/money.js';
import type { ReadCell } from '../../../../core/spreadsheets/reading/table.js';
import type { AmountValue, DateTimeValue, FieldValue, MappedColumn, RowValues } from './row-reader.js';

/**
 * The cells of a row as texts. Those that were understood by the rest of their column, the format of their cells or the mapping are written
 * so that they mean the same in a file of their own.
 * @param count of the columns
 */
export function toWrittenCells(
  cells: readonly ReadCell[],
  columns: readonly MappedColumn[],
  { values, currency }: RowValues,
  count: number,
): string[] {
  const written = Array.from({ length: count }, (_, index) => String(cells[index] ?? ''));
  for (const { index, field } of columns) {
    const value = values[field.name];
    const text = value === undefined ? null : toText(field.type, value, currency);
    if (text !== null) written[index] = text;
  }
  return written;
}

/** Null: as it is in the file. */
function toText(type: MappedColumn['field']['type'], value: FieldValue, currency: string | null): string | null {
  switch (type) {
    case 'day':
    case 'time':
      return value as string;
    case 'dateTime': {
      const { day, time, instant } = value as DateTimeValue;
      return instant ?? [day, time].filter(Boolean).join(' ');
    }
    case 'money':
      return toAmountText(value as AmountValue, currency);
    default:
      return null;
  }
}

function toAmountText({ amount, currency: own }: AmountValue, rowCurrency: string | null): string | null {
  const currency = own ?? rowCurrency;
  if (currency === null) return null;
  const digits = minorDigits(currency);
  return `${currency} ${(amount / 10 ** digits).toFixed(digits)}`;
}
