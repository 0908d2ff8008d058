import { newAddress, PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { API, AUTH, getCallbackUrl, IdentityFlows } from '../support/identity-flows.js';
import { OidcServer } from '../support/oidc-server.js';

interface World {
  app: TestApp;
  flows: IdentityFlows;
  /** A patient with a password and the address of `name`, in a freshly proven session. */
  token: string;
  name: string;
}

interface Provider {
  app: TestApp;
  server: OidcServer;
}

/** By their settings: applications with an identity provider, which the calls of a spec file share. */
const providers = new Map<string, Promise<Provider>>();

async function startProvider(env: Record<string, string>): Promise<Provider> {
  const server = await new OidcServer([getCallbackUrl('corp')]).start();
  const settings = { PUBLIC_URL: API, OIDC_PROVIDERS: JSON.stringify({ corp: server.settings }) };
  return { server, app: await TestApp.start({ ...settings, ...env }) };
}

/** Call it after the last test. */
export async function closeProviders(): Promise<void> {
  const started = await Promise.all(providers.values());
  providers.clear();
  for (const { app, server } of started) {
    await app.close();
    await server.close();
  }
}

/** Runs a call of a new patient against an application with an identity provider. */
async function withProvider(env: Record<string, string>, call: (world: World) => Promise<Answer>): Promise<Answer> {
  const name = JSON.stringify(env);
  if (!providers.has(name)) providers.set(name, startProvider(env));
  const { app, server } = await (providers.get(name) as Promise<Provider>);
  const flows = new IdentityFlows(app, server, 'corp');
  const email = newAddress();
  const body = { email, password: PASSWORD, firstName: 'Nour', lastName: 'Said' };
  const { data } = await app.call('POST', `${AUTH}/register`, { body });
  const token = data.accessToken as string;
  await app.call('POST', `${AUTH}/reauthenticate`, { token, body: { password: PASSWORD } });
  return call({ app, flows, token, name: flows.person({ email, email_verified: true }) });
}

const RETURNS = { OIDC_RETURN_URLS: 'https://app.clinic.test/signed-in' };
const codeFor = async ({ app, flows, token, name }: World, start: string): Promise<string> => {
  const { data } = await app.call('POST', `${AUTH}/oidc/corp/${start}`, { token, body: {} });
  const browser = flows.browser();
  return IdentityFlows.getCode(await browser.open(await flows.untilCallback(browser, name, data.url)));
};
const link = async (world: World): Promise<Answer> => {
  const body = { code: await codeFor(world, 'link') };
  return world.app.call('POST', `${AUTH}/identities`, { token: world.token, body });
};

/** A successful call of each route that needs an identity provider. */
export const IDENTITY_SUCCESSES: Record<string, () => Promise<Answer>> = {
  'GET /api/v1/auth/oidc/:provider': () =>
    withProvider({}, ({ app }) => app.call('GET', `${AUTH}/oidc/corp`, { headers: { accept: 'application/json' } })),
  'GET /api/v1/auth/oidc/:provider/callback': () =>
    withProvider({}, async ({ app, flows }) => {
      const browser = flows.browser();
      const other = flows.person({ email: newAddress(), email_verified: true });
      const callback = await flows.untilCallback(browser, other);
      const cookie = browser.cookies(callback).join('; ');
      return app.call('GET', callback.replace(API, app.url), { headers: { cookie } });
    }),
  'POST /api/v1/auth/oidc/token': () =>
    withProvider(RETURNS, ({ flows }) => flows.tokens(flows.person({ email: newAddress(), email_verified: true }))),
  'POST /api/v1/auth/oidc/:provider/link': () =>
    withProvider({}, ({ app, token }) => app.call('POST', `${AUTH}/oidc/corp/link`, { token, body: {} })),
  'POST /api/v1/auth/oidc/:provider/reauthenticate': () =>
    withProvider({}, ({ app, token }) => app.call('POST', `${AUTH}/oidc/corp/reauthenticate`, { token, body: {} })),
  'POST /api/v1/auth/reauthenticate/provider': () =>
    withProvider(RETURNS, async (world) => {
      await link(world);
      const body = { code: await codeFor(world, 'reauthenticate') };
      return world.app.call('POST', `${AUTH}/reauthenticate/provider`, { token: world.token, body });
    }),
  'POST /api/v1/auth/identities': () => withProvider(RETURNS, link),
  'DELETE /api/v1/auth/identities/:id': () =>
    withProvider(RETURNS, async (world) => {
      const { data } = await link(world);
      return world.app.call('DELETE', `${AUTH}/identities/${data.id}`, { token: world.token });
    }),
};
