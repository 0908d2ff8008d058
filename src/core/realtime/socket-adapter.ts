import type { WsMessageHandler } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { DomainError } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { Handshake } from './handshake.js';
import { limitMessages } from './message-limit.js';
import { SocketServer } from './socket-server.js';
import { toRefusal, type CareSlotServer, type CareSlotSocket } from './socket-types.js';

/** Provides Nest's gateway with this process's socket.io server on the HTTP port, including handshake and message limit. */
export class SocketAdapter extends IoAdapter {
  private readonly server: SocketServer;
  private readonly handshake: Handshake;
  private readonly http: HttpServer;
  private readonly log: Logger;

  constructor(app: NestExpressApplication) {
    super(app);
    this.server = app.get(SocketServer);
    this.handshake = app.get(Handshake);
    this.http = app.getHttpServer();
    this.log = app.get<Logger>(LOGGER);
  }

  override createIOServer(): CareSlotServer {
    const { server, handshake } = this;
    server.attach(this.http, handshake.allowRequest);
    limitMessages(server);
    // Runs for every new and reconnected socket.
    server.io.use((socket, next) => {
      handshake.admit(socket).then(
        () => next(),
        (error: unknown) => next(this.toConnectError(error)),
      );
    });
    return server.io;
  }

  private toConnectError(error: unknown): Error {
    if (!(error instanceof DomainError)) this.log.error({ err: error }, 'a socket could not be authenticated');
    const known = error instanceof DomainError ? error : new DomainError('SERVICE_UNAVAILABLE', 'Try again later.');
    return Object.assign(new Error(known.message), { data: toRefusal(known) });
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
