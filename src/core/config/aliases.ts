import type { Fault } from './faults.js';

interface Alias {
  /** The variable that the alias stands for. */
  name: string;
  /** Converts a value of the alias to a value of the variable. Default: no conversion. */
  convert?: (value: string) => string;
}

/** Other names of variables, for installations that used SendGrid, Twilio or Firebase directly. */
export const ALIASES: Readonly<Record<string, Alias>> = {
  SENDGRID_API_KEY: {
    name: 'SMTP_URL',
    convert: (key) => `smtp://apikey:${encodeURIComponent(key)}@smtp.sendgrid.net:587`,
  },
  EMAIL_FROM: { name: 'MAIL_FROM' },
  TWILIO_PHONE_NUMBER: { name: 'TWILIO_FROM' },
  FIREBASE_SERVICE_ACCOUNT: { name: 'FCM_SERVICE_ACCOUNT' },
};

/** Variables that have no function here, with the reason. They may be set. */
export const UNUSED_VARIABLES: Readonly<Record<string, string>> = {
  JWT_REFRESH_SECRET: 'refresh tokens are random and need no secret',
  FIREBASE_SERVER_KEY: 'the legacy push API is closed: set FCM_SERVICE_ACCOUNT',
};

/**
 * Replaces aliases by the variables that they stand for.
 * @param names the variables that are read
 * @returns the variables, the alias of each variable that was set by its alias, and a fault for each alias that contradicts its variable
 */
export function withAliases(
  env: Record<string, string>,
  names: readonly string[],
): { env: Record<string, string>; aliases: Map<string, string>; faults: Fault[] } {
  const result = { ...env };
  const aliases = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [alias, { name, convert }] of Object.entries(ALIASES)) {
    const aliasValue = env[alias];
    if (aliasValue === undefined || !names.includes(name)) continue;
    const value = convert?.(aliasValue) ?? aliasValue;
    if (env[name] === undefined) aliases.set(name, alias);
    else if (env[name] !== value) faults.push({ name: alias, message: `differs from ${name}: set only one of them` });
    result[name] = value;
  }
  return { env: result, aliases, faults };
}
