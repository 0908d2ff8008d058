import { createHash } from 'node:crypto';
import type { SignInPage } from '../../core/jobs/queue-board.js';
import { CSRF_COOKIE } from './refresh-cookie.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:4rem auto;padding:0 1rem}
label{display:block;margin:.75rem 0}input{display:block;width:100%;box-sizing:border-box;padding:.5rem;font:inherit}
button{padding:.5rem 1rem;font:inherit}`;

/**
 * Opens the board with the cookie session of this browser, or signs in first. The refresh token is in an HttpOnly cookie; nothing
 * else is stored.
 */
const SCRIPT = `
const form = document.getElementById('sign-in');
const message = document.getElementById('message');
const toMessage = ({ code, message }) =>
  code === 'MFA_REQUIRED' ? 'This account needs a code. Enter it and sign in again.' : message;
const post = async (path, headers, body) => {
  const response = await fetch('/api/v1/' + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Auth-Mode': 'cookie', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(toMessage(answer.error));
  return answer.data;
};
const open = async ({ accessToken }) => {
  await post('ops/queue-board', { Authorization: 'Bearer ' + accessToken }, {});
  location.reload();
};
const show = (text) => {
  message.textContent = text;
  form.hidden = false;
};
const csrf = document.cookie.split('; ').find((cookie) => cookie.startsWith('${CSRF_COOKIE}='))?.split('=')[1];
if (csrf) {
  post('auth/refresh', { 'X-CSRF-Token': decodeURIComponent(csrf) }, {})
    .then(open)
    .catch((error) => show(error.message));
} else show('');
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { email, password, otp } = Object.fromEntries(new FormData(form));
  post('auth/login', {}, { email, password, ...(otp && { otp }) })
    .then(open)
    .catch((error) => show(error.message));
});
`;

const HTML = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>CareSlot queues</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body><h1>Queues</h1>
<p>For administrators.</p><p id="message" role="alert"></p>
<form id="sign-in" hidden><label>E-mail<input name="email" type="email" autocomplete="username" required></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<label>Code, if the account has a second factor<input name="otp" maxlength="100" autocomplete="one-time-code"></label>
<button>Sign in</button></form><script>${SCRIPT}</script></body></html>`;

const toHashSource = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only the page's own script and style, and requests only to this server. */
const POLICY = `default-src 'none'; script-src ${toHashSource(SCRIPT)}; style-src ${toHashSource(STYLE)}; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;

/** The page on which an administrator signs in to open the queue board. */
export const QUEUE_BOARD_SIGN_IN: SignInPage = { html: HTML, contentSecurityPolicy: POLICY };
