import { ProviderError } from '../../../core/resilience/provider-error.js';
import { DEAD_MAIL_STATUSES } from './address-reasons.js';
import type { SendOutcome } from './channel.js';

/** What nodemailer says of a failed sending. */
export interface SmtpError {
  code?: string;
  /** What was asked when it failed: CONN, EHLO, AUTH …, MAIL FROM, RCPT TO, DATA. */
  command?: string;
  response?: string;
  responseCode?: number;
}

/** Replies to these are about this message; to any other command they are about the connection or the account. */
const OF_THE_MESSAGE = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);
const SHUTTING_DOWN = 421;

/** @throws ProviderError if the server, and not the message, is at fault */
export function outcomeOfSmtpError(error: SmtpError): SendOutcome {
  const { responseCode = 0, command = '' } = error;
  if (error.code === 'EENVELOPE' && responseCode === 0) return rejected('SMTP_BAD_ADDRESS');
  const ofTheMessage = OF_THE_MESSAGE.has(command) && responseCode >= 400 && responseCode !== SHUTTING_DOWN;
  if (!ofTheMessage) throw new ProviderError(responseCode ? `SMTP_${responseCode}` : networkReason(error));
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(error.response ?? '')?.[1];
  const reason = ['SMTP', responseCode, status].filter(Boolean).join('_');
  if (responseCode < 500) return { kind: 'RETRY', reason };
  return {
    ...rejected(reason),
    ...(status !== undefined && DEAD_MAIL_STATUSES.has(status) && { addressIsDead: true }),
  };
}

const rejected = (reason: string): { kind: 'REJECTED'; reason: string } => ({ kind: 'REJECTED', reason });

const networkReason = ({ code }: SmtpError): string =>
  code === 'ETIMEDOUT' ? 'TIMEOUT' : `NETWORK_${code ?? 'ERROR'}`;
