import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { JwtSignOptions } from '@nestjs/jwt';
import type { Actor } from '../kernel/actor.js';

export const ACCESS_TOKEN = {
  algorithm: 'HS256',
  issuer: 'careslot',
  audience: 'careslot-api',
  typ: 'access',
} as const;

/** What an access token says. `sid` is the session it belongs to. */
export interface AccessClaims {
  typ: string;
  sub: string;
  sid: string;
  role: Actor['role'];
  cli?: string;
  doc?: string;
  cls?: string[];
  iat: number;
  exp: number;
}

/** A key per purpose from the one secret. A KeyObject, not a string: verifying is fifty times as fast. */
export const deriveKey = (secret: string, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'careslot', purpose, 32)));

export const accessSignOptions = (expiresInSeconds: number): JwtSignOptions => ({
  algorithm: ACCESS_TOKEN.algorithm,
  issuer: ACCESS_TOKEN.issuer,
  audience: ACCESS_TOKEN.audience,
  expiresIn: expiresInSeconds,
});

export const claimsOf = (actor: Actor): Omit<AccessClaims, 'iat' | 'exp'> => ({
  typ: ACCESS_TOKEN.typ,
  sub: actor.userId,
  sid: actor.sessionId,
  role: actor.role,
  ...(actor.clientId && { cli: actor.clientId }),
  ...(actor.doctorId && { doc: actor.doctorId }),
  ...(actor.clinicIds.length > 0 && { cls: [...actor.clinicIds] }),
});

export const actorOf = (claims: AccessClaims): Actor => ({
  userId: claims.sub,
  sessionId: claims.sid,
  role: claims.role,
  clientId: claims.cli ?? null,
  doctorId: claims.doc ?? null,
  clinicIds: claims.cls ?? [],
});
