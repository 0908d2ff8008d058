import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;

/** 256 random bits, in base64url. */
export const createSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** Whether the text can be a secret: others need no look-up. */
export const isSecret = (text: string): boolean => SECRET.test(text);

export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();
