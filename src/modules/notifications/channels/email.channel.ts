import { Transform } from 'node:stream';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import { mailAddress } from '../../../core/kernel/email.js';
import type { ProviderClient } from '../../../core/resilience/provider-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { DEAD_MAIL_STATUSES } from './address-reasons.js';
import { ProviderChannel, type OutgoingMessage, type SendOutcome } from './channel.js';

interface EmailOptions {
  /** smtp: or smtps:, with user and password. SendGrid and Amazon SES have such servers. */
  url: string;
  from: string;
  requireTls: boolean;
  /** The number of connections that are kept open. Each sends one mail at a time. */
  connections: number;
}

const getDomain = (from: string): string => mailAddress(from).split('@')[1] ?? 'localhost';

/** E-mail by SMTP. */
export class EmailChannel extends ProviderChannel {
  readonly name = 'EMAIL';
  override readonly concurrency: number;
  private readonly transport: Transporter;

  constructor(
    private readonly options: EmailOptions,
    provider: ProviderClient,
  ) {
    super(provider);
    this.concurrency = options.connections;
    this.transport = createTransport({
      url: options.url,
      pool: true,
      maxConnections: options.connections,
      // Nodemailer would send a mail again if its connection broke, even after the server accepted the mail.
      maxRequeues: 0,
      requireTLS: options.requireTls,
      tls: { minVersion: 'TLSv1.2' },
      dnsTimeout: 3_000,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 8_000,
      idleTimeout: 60_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    this.transport.use('stream', ({ message }, done) => {
      message.transform(() => new SingleChunk());
      done();
    });
    // When an idle connection breaks, no message is affected. Without a listener, the error would end the process.
    this.transport.on('error', () => undefined);
  }

  override close(): void {
    super.close();
    this.transport.close();
  }

  protected async deliver(message: OutgoingMessage): Promise<SendOutcome> {
    try {
      const { messageId } = await this.transport.sendMail(toMail(message, this.options.from));
      return { kind: 'SENT', providerId: messageId };
    } catch (error) {
      return toSmtpOutcome(error as SmtpError);
    }
  }
}

/** Nodemailer writes a mail in some dozen chunks, each of which is a system call. Joining them saves a third of a mail's CPU time. */
class SingleChunk extends Transform {
  private readonly chunks: Buffer[] = [];

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  override _flush(done: (error: null, mail: Buffer) => void): void {
    done(null, Buffer.concat(this.chunks));
  }
}

/** The recipient is passed as name and address, because nodemailer would parse a string as a list of addresses. */
function toMail(message: OutgoingMessage, from: string): SendMailOptions {
  const { calendarMethod, attachments = [], unsubscribeUrl, html } = message;
  const isInvite = ({ contentType }: { contentType: string }): boolean =>
    calendarMethod !== undefined && contentType.startsWith('text/calendar');
  const invite = attachments.find(isInvite);
  return {
    // The same whenever this message is sent again, so that servers and mail programs drop the copy.
    messageId: `<${message.id}@${getDomain(from)}>`,
    from,
    to: { name: '', address: message.to },
    subject: message.subject.replace(/\s*[\r\n]+\s*/g, ' '),
    text: message.text,
    ...(html && { html }),
    attachments: attachments.filter((attachment) => attachment !== invite),
    ...(invite && { icalEvent: { method: calendarMethod, filename: invite.filename, content: invite.content } }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'Content-Language': message.locale,
      // RFC 8058: the mail program unsubscribes with one POST, without showing a page.
      ...(unsubscribeUrl && {
        'List-Unsubscribe': `<${unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
  };
}

/** An error of nodemailer. */
interface SmtpError {
  code?: string;
  /** The SMTP command that failed: CONN, EHLO, AUTH …, MAIL FROM, RCPT TO, DATA. */
  command?: string;
  response?: string;
  responseCode?: number;
}

/** A failure of one of these is about the message; a failure of any other command is about the connection or the account. */
const MESSAGE_COMMANDS = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);
const SHUTTING_DOWN = 421;

/** @throws ProviderError if the server, and not the message, is the cause */
function toSmtpOutcome(error: SmtpError): SendOutcome {
  const { responseCode = 0, command = '' } = error;
  if (error.code === 'EENVELOPE' && responseCode === 0) return { kind: 'REJECTED', reason: 'SMTP_BAD_ADDRESS' };
  const isAboutMessage = MESSAGE_COMMANDS.has(command) && responseCode >= 400 && responseCode !== SHUTTING_DOWN;
  if (!isAboutMessage) throw new ProviderError(responseCode ? `SMTP_${responseCode}` : networkReason(error));
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(error.response ?? '')?.[1];
  const reason = ['SMTP', responseCode, status].filter(Boolean).join('_');
  if (responseCode < 500) return { kind: 'RETRY', reason };
  const isDead = status !== undefined && DEAD_MAIL_STATUSES.has(status);
  return { kind: 'REJECTED', reason, ...(isDead && { addressIsDead: true }) };
}

const networkReason = ({ code }: SmtpError): string =>
  code === 'ETIMEDOUT' ? 'TIMEOUT' : `NETWORK_${code ?? 'ERROR'}`;
