import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { WsMessageHandler } from '@nestjs/common';
import { Handshake } from './handshake.js';
import { SocketServer } from './socket-server.js';
import type { CareSlotServer, CareSlotSocket } from './socket-types.js';

/** Gives Nest's gateway the socket.io server of this process, as it was configured, on the port of HTTP. */
export class SocketAdapter extends IoAdapter {
  private readonly server: SocketServer;
  private readonly handshake: Handshake;

  constructor(app: NestExpressApplication) {
    super(app);
    this.server = app.get(SocketServer);
    this.handshake = app.get(Handshake);
  }

  override createIOServer(): CareSlotServer {
    this.server.attach(this.httpServer, this.handshake.allowRequest);
    return this.server.io;
  }

  /** What a handler gives goes to the ack, or under the message's own name to a client that asked for none. */
  override bindMessageHandlers(socket: CareSlotSocket, handlers: WsMessageHandler<string>[]): void {
    // Nest's own binding keeps some RxJS streams for each socket: several KB for the one message that clients send.
    for (const { message, callback } of handlers) {
      socket.on(message, (...args: unknown[]) => {
        const ack = args.at(-1);
        void Promise.resolve(callback(args[0], ack) as Promise<unknown>).then((answer) => {
          if (answer === undefined) return;
          if (typeof ack === 'function') (ack as (answer: unknown) => void)(answer);
          else socket.emit(message, answer);
        });
      });
    }
  }

  /** The gateway has closed it already, before HTTP. */
  override close(): Promise<void> {
    return Promise.resolve();
  }
}
