import type { AddressInfo, Socket } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** How the next message fails, and at which command. */
export type SmtpFault =
  | { at: 'RCPT' | 'DATA'; code: number; message: string }
  | 'HANG'
  | 'HANG_AFTER_ACCEPT'
  | 'RESET_AFTER_ACCEPT';

export interface ReceivedMail {
  /** Envelope recipients. */
  to: string[];
  raw: string;
  mail: Email;
  secure: boolean;
}

interface SmtpReply extends Error {
  responseCode: number;
}

/** A real SMTP server that stores what it receives. With `startTls` it has an untrusted certificate. */
export class SmtpSink {
  readonly mails: ReceivedMail[] = [];
  readonly faults: SmtpFault[] = [];
  refuseConnections = false;
  /** While it is pending, the server does not confirm received messages, like a slow server. */
  gate: Promise<void> | null = null;
  /** The number of messages in progress: now, and the maximum. */
  inProgress = 0;
  maxInProgress = 0;
  private server: SMTPServer;

  constructor({ startTls = false } = {}) {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: startTls ? [] : ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        username === 'user' && password === 'right' ? done(null, { user: 'user' }) : done(reply(535, '5.7.8 No')),
      onConnect: (_session, done) => (this.refuseConnections ? done(reply(421, '4.3.2 Closing')) : done()),
      onRcptTo: (_address, _session, done) => {
        const fault = this.faults[0];
        if (typeof fault !== 'object' || fault.at !== 'RCPT') return done();
        this.faults.shift();
        done(reply(fault.code, fault.message));
      },
      onData: (stream, session, done) =>
        void this.receive(
          stream,
          session.envelope.rcptTo.map(({ address }) => address),
          session.secure,
        ).then(() => done(), done),
    });
    this.server.on('error', () => undefined);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  url(credentials = ''): string {
    return `smtp://${credentials}127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.dropAll();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async receive(stream: SMTPServerDataStream, to: string[], secure: boolean): Promise<void> {
    const chunks: Buffer[] = [];
    // The gate of the moment in which the message counts as in progress: a test may open it for later ones.
    const { gate } = this;
    this.inProgress += 1;
    this.maxInProgress = Math.max(this.maxInProgress, this.inProgress);
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    await gate;
    this.inProgress -= 1;
    const fault = this.faults.shift();
    if (fault === 'HANG') return new Promise(() => undefined);
    if (typeof fault === 'object') throw reply(fault.code, fault.message);
    const raw = Buffer.concat(chunks).toString('utf8');
    this.mails.push({ to, raw, mail: await PostalMime.parse(raw), secure });
    if (fault === 'HANG_AFTER_ACCEPT') return new Promise(() => undefined);
    if (fault === 'RESET_AFTER_ACCEPT') this.dropAll();
  }

  /** smtp-server 3 has no public way to reset its connections. */
  private dropAll(): void {
    const { connections } = this.server as unknown as { connections: Set<{ _socket: Socket }> };
    for (const connection of connections) connection._socket.destroy();
  }
}

function reply(responseCode: number, message: string): SmtpReply {
  return Object.assign(new Error(message), { responseCode });
}
