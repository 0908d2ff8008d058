import { TOTP } from 'otpauth';
import { newId } from '../../src/core/kernel/id.js';
import type { Role } from '../../src/core/kernel/actor.js';
import type { TestApp, Answer } from './app.js';
import { createAccount } from './clinic.js';

const AUTH = '/api/v1/auth';
export const PASSWORD = 'a-long-and-quiet-river';
const STEP = 30_000;

/** A person with an account and a session. */
export interface Member {
  email: string;
  userId: string;
  token: string;
  refreshToken: string;
}

/** Creates an account of a role at clinics, and signs it in with its password. */
export async function signInMember(app: TestApp, role: Role, clinicIds: string[] = []): Promise<Member> {
  const email = `${newId()}@member.test`;
  const token = app.tokenFor({ userId: await createAccount(app, 'ADMIN'), role: 'ADMIN' }, true);
  const body = { email, password: PASSWORD, role, firstName: 'Mona', lastName: 'Hassan', clinicIds };
  const created = await app.call('POST', '/api/v1/users', { token, body });
  if (created.status !== 201) throw new Error(JSON.stringify(created.body));
  return signIn(app, { email, userId: created.data.id });
}

export async function signIn(app: TestApp, person: Pick<Member, 'email' | 'userId'>, otp?: string): Promise<Member> {
  const { status, data, body } = await login(app, person.email, otp);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return { ...person, token: data.accessToken, refreshToken: data.refreshToken };
}

export const login = (app: TestApp, email: string, otp?: string): Promise<Answer> =>
  app.call('POST', `${AUTH}/login`, { body: { email, password: PASSWORD, ...(otp !== undefined && { otp }) } });

/** A code of the authenticator app; `steps` away from now. */
export const code = (secret: string, steps = 0): string =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + steps * STEP });

/** Switches the second factor on. @returns the secret and the recovery codes */
export async function enrol(app: TestApp, token: string): Promise<{ secret: string; recoveryCodes: string[] }> {
  const setup = await app.call('POST', `${AUTH}/mfa/setup`, { token, body: { password: PASSWORD } });
  if (setup.status !== 200) throw new Error(JSON.stringify(setup.body));
  const { secret } = setup.data;
  const enabled = await app.call('POST', `${AUTH}/mfa/enable`, { token, body: { otp: code(secret, -1) } });
  if (enabled.status !== 200) throw new Error(JSON.stringify(enabled.body));
  return { secret, recoveryCodes: enabled.data.recoveryCodes };
}
