export type ItemValue = number | string | boolean;

/** A rated item. A null value means not rated; an item with null points does not count. */
export interface Item {
  name: string;
  value: ItemValue | null;
  points: number | null;
}

/** The definition of an instrument. */
export interface Instrument {
  instrument: string;
  /** The version of the definition, which is stored with every result. */
  version: string;
  /** The highest score by arithmetic; 1 for a probability. */
  max: number;
  unit: 'POINTS' | 'PROBABILITY';
  source: string;
}

/** A score with all data needed to check it. The score is null while an item is missing. */
export interface ScoreResult<Details extends object = object> extends Instrument {
  score: number | null;
  complete: boolean;
  /** The missing items that the score requires. */
  missing: string[];
  /** Why there is no score although nothing is missing, such as an age outside the instrument's population. */
  notComputed: string | null;
  /** The instrument's class of the score, as a code. */
  interpretation: string | null;
  items: Item[];
  details: Details;
}

export type Answer<Value> = Value | null | undefined;
export type Range = readonly [min: number, max: number];

export const listMissing = (items: readonly Item[]): string[] =>
  items.filter(({ value }) => value === null).map(({ name }) => name);

export const sumPoints = (items: readonly Item[]): number => items.reduce((sum, { points }) => sum + (points ?? 0), 0);

/** The sum of the points; null while an item is missing, because a missing item is not a zero. */
export const toTotal = (items: readonly Item[]): number | null =>
  listMissing(items).length > 0 ? null : sumPoints(items);

/** An item with the points of its value. */
export function item<Value extends ItemValue>(
  name: string,
  value: Answer<Value>,
  points: (value: Value) => number | null,
): Item {
  if (value === null || value === undefined) return { name, value: null, points: null };
  return { name, value, points: points(value) };
}

/** Items whose value is their number of points, from 0 to a maximum. */
export const scaleItems = <Name extends string>(
  input: Partial<Record<Name, Answer<ItemValue>>>,
  maxima: Readonly<Record<Name, number>>,
): Item[] =>
  (Object.keys(maxima) as Name[]).map((name) =>
    item(name, input[name], (value) => integerWithin(name, value, [0, maxima[name]])),
  );

/** An item with points for a yes. */
export const yes = (name: string, value: Answer<boolean>, points: number): Item =>
  item(name, value, (isTrue) => (isTrue ? points : 0));

/** @throws RangeError outside the range; requests are validated before */
export function within(name: string, value: ItemValue, [min, max]: Range): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new RangeError(`${name} must be ${min} to ${max}`);
}

export function integerWithin(name: string, value: ItemValue, range: Range): number {
  if (Number.isInteger(value)) return within(name, value, range);
  throw new RangeError(`${name} must be an integer`);
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The result of an instrument whose score is a sum of points. */
export function pointsResult<Details extends object>(
  instrument: Instrument,
  items: Item[],
  interpretation: string | null,
  details: Details,
): ScoreResult<Details> {
  const missing = listMissing(items);
  return {
    ...instrument,
    score: toTotal(items),
    complete: missing.length === 0,
    missing,
    notComputed: null,
    interpretation,
    items,
    details,
  };
}
