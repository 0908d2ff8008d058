import type { ValueTransformer } from 'typeorm';

/** For a `bigint` whose values stay below 2^53: read as a number. Without it, TypeORM reads a string. */
export const SAFE_INTEGER: ValueTransformer = {
  from: (value: string | null) => (value === null ? null : Number(value)),
  to: (value: unknown) => value,
};
