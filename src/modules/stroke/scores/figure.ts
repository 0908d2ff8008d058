export type ItemValue = number | string | boolean;

/** One item as it was rated. A null value is an item that was not rated; null points count nothing. */
export interface Item {
  name: string;
  value: ItemValue | null;
  points: number | null;
}

/** What an instrument is, whoever is rated with it. */
export interface Instrument {
  instrument: string;
  /** Of the definition that was used: kept with every figure. */
  version: string;
  /** The highest score by arithmetic; 1 for a probability. */
  max: number;
  unit: 'POINTS' | 'PROBABILITY';
  source: string;
}

/** A score with everything needed to check it. There is no score while an item is missing. */
export interface Figure<Details extends object = object> extends Instrument {
  score: number | null;
  complete: boolean;
  /** The items that were not rated and without which there is no score. */
  missing: string[];
  /** Why there is no score although nothing is missing, such as an age that the instrument is not made for. */
  notComputed: string | null;
  /** The instrument's own class of the score, as a code. */
  interpretation: string | null;
  items: Item[];
  details: Details;
}

export type Answer<Value> = Value | null | undefined;
export type Range = readonly [min: number, max: number];

export const missingOf = (items: readonly Item[]): string[] =>
  items.filter(({ value }) => value === null).map(({ name }) => name);

export const sumOf = (items: readonly Item[]): number => items.reduce((sum, { points }) => sum + (points ?? 0), 0);

/** The sum of the points, or null while an item is missing: a missing item is never a zero. */
export const totalOf = (items: readonly Item[]): number | null => (missingOf(items).length > 0 ? null : sumOf(items));

/** An item with the points that its value gives. */
export function item<Value extends ItemValue>(
  name: string,
  value: Answer<Value>,
  points: (value: Value) => number | null,
): Item {
  if (value === null || value === undefined) return { name, value: null, points: null };
  return { name, value, points: points(value) };
}

/** Items whose value is their points, from 0 to a maximum each. */
export const scaleItems = <Name extends string>(
  input: Partial<Record<Name, Answer<ItemValue>>>,
  maxima: Readonly<Record<Name, number>>,
): Item[] =>
  (Object.keys(maxima) as Name[]).map((name) =>
    item(name, input[name], (value) => integerWithin(name, value, [0, maxima[name]])),
  );

/** A yes that is worth some points. */
export const yes = (name: string, value: Answer<boolean>, points: number): Item =>
  item(name, value, (isTrue) => (isTrue ? points : 0));

/** @throws RangeError outside of the range; requests are refused field by field before they come here */
export function within(name: string, value: ItemValue, [min, max]: Range): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new RangeError(`${name} must be ${min} to ${max}`);
}

export function integerWithin(name: string, value: ItemValue, range: Range): number {
  if (Number.isInteger(value)) return within(name, value, range);
  throw new RangeError(`${name} must be an integer`);
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The parts of a figure that are the same for every score that adds up points. */
export function pointsFigure<Details extends object>(
  instrument: Instrument,
  items: Item[],
  interpretation: string | null,
  details: Details,
): Figure<Details> {
  const missing = missingOf(items);
  return {
    ...instrument,
    score: totalOf(items),
    complete: missing.length === 0,
    missing,
    notComputed: null,
    interpretation,
    items,
    details,
  };
}
