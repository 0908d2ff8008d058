import jwt from 'jsonwebtoken';
import { ACCESS_TOKEN, deriveKey, toClaims } from '../src/core/security/tokens.js';
import { deskUser, getId } from './dataset.js';

/** An access token with the role ADMIN for the front desk account of a clinic. @param clinic its number */
export function signAdminToken(secret: string, clinic: number): string {
  const { issuer, audience, algorithm } = ACCESS_TOKEN;
  const user = deskUser(clinic);
  const ids = { userId: getId('user', user), sessionId: getId('session', user) };
  const actor = { ...ids, role: 'ADMIN' as const, clientId: null, doctorId: null, clinicIds: [] };
  return jwt.sign(toClaims(actor), deriveKey(secret, 'access-token'), { algorithm, issuer, audience, expiresIn: '4h' });
}
