import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

// An SMTP server in a separate process, started with `fork`. It counts mails and stores none. It answers every message of its
// parent process with its counts.

/** The numbers of mails so far. */
export interface SinkFigures {
  accepted: number;
  /** Mails whose Message-ID was accepted before. */
  duplicates: number;
}

const seen = new Set<string>();
let accepted = 0;

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  onData: (stream, _session, done) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    stream.on('end', () => {
      accepted += 1;
      seen.add(/^Message-ID: (\S+)/im.exec(text)?.[1] ?? `none ${accepted}`);
      done();
    });
  },
});
server.on('error', () => undefined);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ accepted, duplicates: accepted - seen.size } satisfies SinkFigures));
process.on('disconnect', () => process.exit(0));
