import { Transform } from 'class-transformer';

/** Reads `a,b` as a list; repeated parameters are one already. */
export const CommaSeparated = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value));
