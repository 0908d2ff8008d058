import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PRODUCTION, TestApp } from '../support/app.js';
import { BoardBrowser } from '../support/board-browser.js';
import { code, enrol, PASSWORD as MEMBER_PASSWORD, signInMember } from '../support/second-factor.js';

const PASSWORD = 'careslot-demo-1';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start(PRODUCTION);
});
afterAll(() => app.close());

test('in production a browser without a session can sign in on the page of the board', async () => {
  const browser = new BoardBrowser(app.url);
  expect(await browser.visit()).toEqual({ form: '' });
  expect(await browser.signIn('admin@careslot.test', 'wrong-wrong-wrong')).toEqual({
    form: 'The e-mail address or the password is wrong.',
  });
  expect(await browser.signIn('admin@careslot.test', PASSWORD)).toEqual({ board: expect.stringContaining('<html') });
  const queues = await browser.fetch('/ops/queues/api/queues');
  expect(await queues.text()).toContain('deliveries');
});

test('a browser with the cookie session of an administrator sees the board without signing in again', async () => {
  const browser = new BoardBrowser(app.url);
  await browser.fetch('/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-mode': 'cookie' },
    body: JSON.stringify({ email: 'admin@careslot.test', password: PASSWORD }),
  });
  expect(await browser.visit()).toEqual({ board: expect.stringContaining('<html') });
  // The board's own cookie is short-lived; the session opens it again.
  browser.forget('careslot_board');
  expect(await browser.visit()).toEqual({ board: expect.stringContaining('<html') });
});

test('an administrator with a second factor signs in on the page with a code', async () => {
  const { email, token } = await signInMember(app, 'ADMIN');
  const { secret } = await enrol(app, token);
  const browser = new BoardBrowser(app.url);
  await browser.visit();
  expect(await browser.signIn(email, MEMBER_PASSWORD)).toEqual({
    form: 'This account needs a code. Enter it and sign in again.',
  });
  expect(await browser.signIn(email, MEMBER_PASSWORD, code(secret))).toEqual({
    board: expect.stringContaining('<html'),
  });
});

test('the session of another role does not open the board, and the page shows the reason', async () => {
  const browser = new BoardBrowser(app.url);
  await browser.visit();
  expect(await browser.signIn('doctor@careslot.test', PASSWORD)).toEqual({ form: expect.stringMatching(/role/) });
  expect(browser.has('careslot_board')).toBe(false);
  expect((await browser.fetch('/ops/queues/api/queues')).status).toBe(401);
});
