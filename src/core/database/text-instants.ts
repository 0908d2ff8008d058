import { types, type QueryConfig } from 'pg';

/** The same with instants as ISO 8601 text in UTC, as JSON has them. */
export type TextInstants<Value> = Value extends Date
  ? string
  : Value extends string | number | boolean | Uint8Array | null | undefined
    ? Value
    : Value extends readonly (infer Item)[]
      ? TextInstants<Item>[]
      : { [Name in keyof Value]: TextInstants<Value[Name]> };

/** PostgreSQL's text in a session with the time zone UTC. @example 2026-11-23 09:00:00+00 */
const WHOLE_SECONDS = '2026-11-23 09:00:00+00'.length;
const [DATE_END, TIME_END] = ['2026-11-23'.length, '2026-11-23 09:00:00'.length];
const UTC = '+00';
const MILLISECOND_DIGITS = 3;

const toDate = types.getTypeParser(types.builtins.TIMESTAMPTZ) as (text: string) => Date;

/** @param text a timestamptz as PostgreSQL writes it @returns what `toISOString()` of its Date returns, without creating one */
export function toIsoText(text: string): string {
  if (text.endsWith(UTC)) {
    const second = `${text.slice(0, DATE_END)}T${text.slice(DATE_END + 1, TIME_END)}`;
    if (text.length === WHOLE_SECONDS) return `${second}.000Z`;
    if (text[TIME_END] === '.') {
      const fraction = text.slice(TIME_END + 1, -UTC.length);
      return `${second}.${fraction.slice(0, MILLISECOND_DIGITS).padEnd(MILLISECOND_DIGITS, '0')}Z`;
    }
  }
  return toDate(text).toISOString();
}

/** The type parsers of a statement whose instants are text. */
export const TEXT_INSTANTS: NonNullable<QueryConfig['types']> = {
  getTypeParser: (id, format): unknown =>
    id === types.builtins.TIMESTAMPTZ ? toIsoText : types.getTypeParser(id, format),
};
