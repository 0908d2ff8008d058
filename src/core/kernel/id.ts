import { v7 } from 'uuid';

/** Creates a UUIDv7, which sorts by creation time. */
export const newId = (): string => v7();

/** The nil UUID (RFC 9562), for rows without an object. */
export const NIL_ID = '00000000-0000-0000-0000-000000000000';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
