import { Inject, Injectable } from '@nestjs/common';
import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import type { PlacedMessage } from '../outbox/outbox-event.js';
import { RedisHealth } from '../redis/redis-health.js';
import { FieldCipher } from '../security/field-cipher.js';
import { SocketBus } from './socket-bus.js';
import type { CareSlotServer, CareSlotSocket } from './socket-types.js';

/** A token of many clinics fits; nothing that a client sends is larger. */
const MESSAGE_BYTES = 16 * 1024;
const CLOSE_WITHIN_MILLISECONDS = 1_000;
export const SOCKET_PATH = '/socket.io/';

type AllowRequest = NonNullable<ConstructorParameters<typeof Server>[1]>['allowRequest'];

/**
 * Socket.io, in every process: one that listens has sockets of its own, a worker only speaks to those of the others.
 *
 * socket.io's connection state recovery stays off. It writes what was missed to the socket, and joins its old rooms, before
 * any middleware has looked at the token (socket.io 4.8.3, Socket's constructor; `skipMiddlewares: false` does not change
 * that), and it ends with the stream in Redis. `sync` does the same from PostgreSQL, for the caller of now.
 */
@Injectable()
export class SocketServer {
  readonly io: CareSlotServer;
  readonly bus: SocketBus;

  constructor(
    private readonly config: Config,
    redis: RedisHealth,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // Socket.io takes this one from the constructor's options alone.
    this.io = new Server({ path: SOCKET_PATH, serveClient: false });
    this.bus = new SocketBus(config.REDIS_URL, FieldCipher.for(config, 'socket-bus'), redis);
  }

  attach(server: HttpServer, allowRequest: AllowRequest): void {
    this.io.attach(server, {
      allowRequest,
      cors: { origin: this.config.SOCKET_IO_CORS_ORIGIN, credentials: true },
      maxHttpBufferSize: MESSAGE_BYTES,
      connectTimeout: 10_000,
      perMessageDeflate: false,
      httpCompression: false,
      // Upgrades to other protocols than WebSocket are answered by HTTP.
      destroyUpgrade: false,
    });
    this.io.engine.on('headers', (headers: Record<string, string>) => {
      headers['Cache-Control'] = 'no-store';
      headers['X-Content-Type-Options'] = 'nosniff';
      headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains';
    });
  }

  emitTo(socket: CareSlotSocket, { event, data, ...message }: PlacedMessage): void {
    socket.emit(event, data, metaOf(message));
  }

  async close(): Promise<void> {
    this.io.local.emit('server:closing', { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 });
    const { sockets } = this.io.sockets;
    // The transport is closed and not the socket: then clients come back by themselves, to another process.
    for (const { conn } of sockets.values()) conn.close();
    for (let waited = 0; sockets.size > 0 && waited < CLOSE_WITHIN_MILLISECONDS; waited += 20) await sleep(20);
    await this.io.sockets.adapter.close();
    (this.io.engine as { close?: () => void } | undefined)?.close?.();
    this.bus.close();
  }

  /** To the sockets of this process. Never fails. */
  emitLocally(message: PlacedMessage): void {
    const { rooms, event, data, sequence } = message;
    // No room means everybody to socket.io; and it would write the message for nobody, too.
    const { rooms: taken } = this.io.sockets.adapter;
    if (!rooms.some((room) => taken.has(room))) return;
    try {
      this.io.to(rooms).emit(event, data, metaOf(message));
    } catch (error) {
      this.logger.error({ err: error, event, sequence }, 'a message could not be emitted');
    }
  }
}

const metaOf = ({ eventId, occurredAt, sequence }: Pick<PlacedMessage, 'eventId' | 'occurredAt' | 'sequence'>) => ({
  eventId,
  occurredAt,
  sequence,
});
