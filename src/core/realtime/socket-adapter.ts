import type { WsMessageHandler } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server as HttpServer } from 'node:http';
import { Handshake } from './handshake.js';
import { limitMessages } from './message-limit.js';
import { SocketServer } from './socket-server.js';
import type { CareSlotServer, CareSlotSocket } from './socket-types.js';

/** Gives Nest's gateway the socket.io server of this process on the port of HTTP, with all that stands before a socket. */
export class SocketAdapter extends IoAdapter {
  private readonly server: SocketServer;
  private readonly handshake: Handshake;
  private readonly http: HttpServer;

  constructor(app: NestExpressApplication) {
    super(app);
    this.server = app.get(SocketServer);
    this.handshake = app.get(Handshake);
    this.http = app.getHttpServer();
  }

  override createIOServer(): CareSlotServer {
    const { server, handshake } = this;
    server.attach(this.http, handshake.allowRequest);
    limitMessages(server);
    server.io.use(handshake.authenticate);
    return server.io;
  }

  /** What a handler gives goes to the ack, or under the message's own name to a client that asked for none. */
  override bindMessageHandlers(socket: CareSlotSocket, handlers: WsMessageHandler<string>[]): void {
    // Nest's own binding keeps some RxJS streams for each socket: several KB for the one message that clients send.
    for (const { message, callback } of handlers) {
      socket.on(message, (...args: unknown[]) => {
        const ack = typeof args.at(-1) === 'function' ? (args.pop() as (answer: unknown) => void) : null;
        const reply = ack ?? ((answer: unknown) => socket.emit(message, answer));
        void Promise.resolve(callback(args[0]) as Promise<unknown>).then((answer) => {
          if (answer !== undefined) reply(answer);
        });
      });
    }
  }

  /** The gateway has closed it already, before HTTP. */
  override close(): Promise<void> {
    return Promise.resolve();
  }
}
