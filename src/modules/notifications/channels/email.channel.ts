import { Transform } from 'node:stream';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import type { ProviderClient } from '../../../core/resilience/provider-client.js';
import { Channel, outcomeOfError, type OutgoingMessage, type SendOutcome } from './channel.js';
import { mailDomain } from './mail-from.js';
import { outcomeOfSmtpError, type SmtpError } from './smtp-outcome.js';

export interface EmailOptions {
  /** smtp: or smtps:, with user and password. SendGrid and SES are such servers. */
  url: string;
  from: string;
  requireTls: boolean;
  /** Kept open, and so many mails at once. */
  connections: number;
}

/** E-mail by SMTP. */
export class EmailChannel extends Channel {
  readonly name = 'EMAIL';
  override readonly concurrency: number;
  private readonly transport: Transporter;

  constructor(
    private readonly options: EmailOptions,
    private readonly provider: ProviderClient,
  ) {
    super();
    this.concurrency = options.connections;
    this.transport = createTransport({
      url: options.url,
      pool: true,
      maxConnections: options.connections,
      // Nodemailer would send again by itself where the connection broke after the server took the message.
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
      message.transform(() => new InOnePiece());
      done();
    });
    // A connection that breaks while it idles concerns no message; without a listener it would end the process.
    this.transport.on('error', () => undefined);
  }

  send(message: OutgoingMessage): Promise<SendOutcome> {
    return this.provider.call(() => this.deliver(message)).catch(outcomeOfError);
  }

  override pausedSeconds(): number {
    return this.provider.pausedSeconds();
  }

  override close(): void {
    this.provider.close();
    this.transport.close();
  }

  private async deliver(message: OutgoingMessage): Promise<SendOutcome> {
    try {
      const { messageId } = await this.transport.sendMail(toMail(message, this.options.from));
      return { kind: 'SENT', providerId: messageId };
    } catch (error) {
      return outcomeOfSmtpError(error as SmtpError);
    }
  }
}

/** Nodemailer writes a message in some dozen pieces, each a system call; one is a third of a mail's cost cheaper. */
class InOnePiece extends Transform {
  private readonly pieces: Buffer[] = [];

  override _transform(piece: Buffer, _encoding: string, done: () => void): void {
    this.pieces.push(piece);
    done();
  }

  override _flush(done: (error: null, whole: Buffer) => void): void {
    done(null, Buffer.concat(this.pieces));
  }
}

/** Header values lose their line breaks in nodemailer too; addresses are given as parts, so that none is parsed. */
export function toMail(message: OutgoingMessage, from: string): SendMailOptions {
  const { calendarMethod, attachments = [], unsubscribeUrl, html } = message;
  const isInvite = ({ contentType }: { contentType: string }): boolean =>
    calendarMethod !== undefined && contentType.startsWith('text/calendar');
  const invite = attachments.find(isInvite);
  return {
    // The same for every sending of this message: mail programs and servers drop the second copy.
    messageId: `<${message.id}@${mailDomain(from)}>`,
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
      // RFC 8058: one click, no page in between.
      ...(unsubscribeUrl && {
        'List-Unsubscribe': `<${unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
  };
}
