import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { ConfigSchema, loadConfig } from '../../src/core/config/config.js';

const good = {
  DATABASE_URL: 'postgres://localhost/careslot',
  REDIS_URL: 'redis://localhost',
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
};

describe('the configuration', () => {
  it('has the same names as .env.example', async () => {
    const text = await readFile('.env.example', 'utf8');
    const names = [...text.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual(Object.keys(ConfigSchema.shape).sort());
  });

  it('names all faults at once, and no value', () => {
    const load = (): unknown => loadConfig({ PORT: 'many', DATABASE_URL: 'mysql://x', JWT_SECRET: 'short-value' });
    expect(load).toThrow(/PORT[^]*DATABASE_URL[^]*REDIS_URL: is not set[^]*JWT_SECRET/);
    expect(load).not.toThrow(/short-value/);
  });

  it('is frozen, with durations in seconds', () => {
    const config = loadConfig({ ...good, JWT_EXPIRES_IN: '15m' });
    expect(config.JWT_EXPIRES_IN).toBe(900);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('refuses a default, a short or no secret in production, and origins of *', () => {
    const production = { ...good, NODE_ENV: 'production' };
    for (const JWT_SECRET of ['', 'short', 'a'.repeat(40), 'please-change-me-please-change-me-please']) {
      expect(() => loadConfig({ ...production, JWT_SECRET })).toThrow(/JWT_SECRET/);
    }
    expect(() => loadConfig({ ...production, FRONTEND_WEB_URL: '*' })).toThrow(/FRONTEND_WEB_URL/);
    expect(loadConfig(production).NODE_ENV).toBe('production');
  });

  it('wants a provider’s settings whole, and repeats none of them', () => {
    const load = (env: Record<string, string>) => (): unknown => loadConfig({ ...good, ...env });
    expect(load({ TWILIO_ACCOUNT_SID: 'AC1' })).toThrow(/TWILIO_AUTH_TOKEN: is not set[^]*TWILIO_FROM: is not set/);
    expect(load({ FCM_SERVICE_ACCOUNT: '{"private_key":"hush"}' })).toThrow(/FCM_SERVICE_ACCOUNT: must be the JSON/);
    expect(load({ FCM_SERVICE_ACCOUNT: 'hush' })).not.toThrow(/hush/);
    expect(load({ MAIL_FROM: 'a@b.c\r\nBcc: d@e.f' })).toThrow(/MAIL_FROM/);
    expect(load({ NODE_ENV: 'production', SMTP_URL: 'smtp://localhost' })).toThrow(/MAIL_FROM: is not set/);
    const account = {
      project_id: 'p',
      client_email: 'e',
      private_key: '-PRIVATE KEY-',
      token_uri: 'https://t.example',
    };
    const base64 = Buffer.from(JSON.stringify(account)).toString('base64');
    expect(loadConfig({ ...good, FCM_SERVICE_ACCOUNT: base64 }).FCM_SERVICE_ACCOUNT).toEqual(account);
  });
});
