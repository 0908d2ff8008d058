/** The expression of a CHECK constraint: the column holds one of the values. */
export const isOneOf = (column: string, values: readonly string[]): string =>
  `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`;
