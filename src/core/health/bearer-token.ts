import { createHash, timingSafeEqual } from 'node:crypto';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares an `Authorization` header with a token, in a time that does not depend on where they differ. */
export const isBearerToken = (token: string | undefined, authorization: string | undefined): boolean =>
  Boolean(token && authorization && timingSafeEqual(sha256(authorization), sha256(`Bearer ${token}`)));
