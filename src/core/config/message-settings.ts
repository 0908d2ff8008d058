import { z } from 'zod';
import { integer, serverUrl, url } from './variable-types.js';

/** `Name <address>`, or an address alone. */
const MAIL_FROM = /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

const ServiceAccount = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().includes('PRIVATE KEY'),
  token_uri: url('http:', 'https:'),
});

/** The JSON file of a Google service account, plain or in base64. */
const serviceAccount = z.string().transform((text, context) => {
  try {
    const json = text.trim().startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8');
    return ServiceAccount.parse(JSON.parse(json));
  } catch {
    context.addIssue({ code: 'custom', message: 'must be the JSON of a service account, plain or in base64' });
    return z.NEVER;
  }
});

/** Mail, SMS and push messages. */
export const MESSAGE_SETTINGS = {
  MAIL_FROM: z
    .string()
    .regex(MAIL_FROM, 'must be an address or Name <address>')
    .default('CareSlot <no-reply@localhost>'),
  SMTP_URL: serverUrl('SMTP_PASSWORD', 'smtp:', 'smtps:').optional(),
  SMTP_PASSWORD: z.string().optional(),
  SMTP_REQUIRE_TLS: z.stringbool().optional(),
  SMTP_CONNECTIONS: integer(5, 1, 50),
  TWILIO_ACCOUNT_SID: z.string().startsWith('AC').optional(),
  TWILIO_AUTH_TOKEN: z.string().optional(),
  TWILIO_FROM: z.string().optional(),
  TWILIO_API_URL: url('http:', 'https:').default('https://api.twilio.com'),
  FCM_SERVICE_ACCOUNT: serviceAccount.optional(),
  FCM_API_URL: url('http:', 'https:').default('https://fcm.googleapis.com'),
} as const;
