/** Variables under other names, as installations that used SendGrid, Twilio and Firebase directly have them. */
interface Alias {
  name: string;
  /** The value of the variable for a value of its alias; the same if left out. */
  convert?: (value: string) => string;
}

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
 * @returns the variables, under which alias each was given, and which differ from their alias
 */
export function withAliases(
  env: Record<string, string>,
  names: readonly string[],
): { env: Record<string, string>; aliases: Map<string, string>; faults: { name: string; message: string }[] } {
  const result = { ...env };
  const aliases = new Map<string, string>();
  const faults: { name: string; message: string }[] = [];
  for (const [alias, { name, convert }] of Object.entries(ALIASES)) {
    const given = env[alias];
    if (given === undefined || !names.includes(name)) continue;
    const value = convert?.(given) ?? given;
    if (env[name] === undefined) aliases.set(name, alias);
    else if (env[name] !== value) faults.push({ name: alias, message: `differs from ${name}: set only one of them` });
    result[name] = value;
  }
  return { env: result, aliases, faults };
}
