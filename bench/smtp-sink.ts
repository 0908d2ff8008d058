import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** The number of mails that the server has accepted so far. */
export interface SinkFigures {
  taken: number;
  /** Mails whose Message-ID was accepted before. */
  again: number;
}

/** An SMTP server in a separate process, which counts mails and stores none. Start it with `fork`; it answers every message with its counts. */
const seen = new Set<string>();
let taken = 0;

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  onData: (stream, _session, done) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    stream.on('end', () => {
      taken += 1;
      seen.add(/^Message-ID: (\S+)/im.exec(text)?.[1] ?? `none ${taken}`);
      done();
    });
  },
});
server.on('error', () => undefined);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ taken, again: taken - seen.size } satisfies SinkFigures));
process.on('disconnect', () => process.exit(0));
