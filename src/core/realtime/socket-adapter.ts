import type { WsMessageHandler } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server as HttpServer } from 'node:http';
import { Handshake } from './handshake.js';
import { limitMessages } from './message-limit.js';
import { SocketServer } from './socket-server.js';
import type { CareSlotServer, CareSlotSocket } from './socket-types.js';

/** Provides Nest's gateway with this process's socket.io server on the HTTP port, including handshake and message limit. */
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

  /** Sends the handler's result to the ack, or as an event with the message's name if the client gave no ack. */
  override bindMessageHandlers(socket: CareSlotSocket, handlers: WsMessageHandler<string>[]): void {
    // Nest's default binding creates RxJS streams for each socket, which take several KB.
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

  /** Does nothing: the gateway already closed the server, before HTTP. */
  override close(): Promise<void> {
    return Promise.resolve();
  }
}
