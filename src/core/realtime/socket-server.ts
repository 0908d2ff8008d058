import { Inject, Injectable } from '@nestjs/common';
import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config, redisPrefix } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import type { PositionedMessage } from '../outbox/outbox-event.js';
import { RedisHealth } from '../redis/redis-health.js';
import { FieldCipher } from '../security/field-cipher.js';
import { SocketBus } from './socket-bus.js';
import type { CareSlotServer, CareSlotSocket } from './socket-types.js';

/** The maximum size of a client's message: enough for a token with many clinics. */
const MESSAGE_BYTES = 16 * 1024;
const CLOSE_WITHIN_MILLISECONDS = 1_000;
const CLOSE_CHECK_MILLISECONDS = 20;
export const SOCKET_PATH = '/socket.io/';

type AllowRequest = NonNullable<ConstructorParameters<typeof Server>[1]>['allowRequest'];

/**
 * The Socket.io server of the process. A worker has no sockets of its own and only publishes to other processes.
 *
 * socket.io's connection state recovery is not used. It sends missed messages and joins the old rooms before any middleware has
 * checked the token (socket.io 4.8.3, constructor of Socket; also with `skipMiddlewares: false`), and it depends on the stream
 * in Redis. `sync` provides the same from PostgreSQL and checks the current permissions.
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
    // Socket.io reads `serveClient` only from the constructor's options.
    this.io = new Server({ path: SOCKET_PATH, serveClient: false });
    const cipher = FieldCipher.for(config, 'socket-bus');
    this.bus = new SocketBus(config.REDIS_URL, `${redisPrefix(config)}:live`, cipher, redis);
  }

  attach(server: HttpServer, allowRequest: AllowRequest): void {
    this.io.attach(server, {
      allowRequest,
      cors: { origin: this.config.SOCKET_IO_CORS_ORIGIN, credentials: true },
      maxHttpBufferSize: MESSAGE_BYTES,
      connectTimeout: 10_000,
      perMessageDeflate: false,
      httpCompression: false,
      // HTTP answers upgrade requests for other protocols than WebSocket.
      destroyUpgrade: false,
    });
    this.io.engine.on('headers', (headers: Record<string, string>) => {
      headers['Cache-Control'] = 'no-store';
      headers['X-Content-Type-Options'] = 'nosniff';
      headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains';
    });
  }

  emitTo(socket: CareSlotSocket, { event, data, ...message }: PositionedMessage): void {
    socket.emit(event, data, toMeta(message));
  }

  async close(): Promise<void> {
    this.io.local.emit('server:closing', { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 });
    const { sockets } = this.io.sockets;
    // Closes the transport instead of the socket, so that clients reconnect automatically to another process.
    for (const { conn } of sockets.values()) conn.close();
    const end = performance.now() + CLOSE_WITHIN_MILLISECONDS;
    while (sockets.size > 0 && performance.now() < end) await sleep(CLOSE_CHECK_MILLISECONDS);
    await this.io.sockets.adapter.close();
    (this.io.engine as { close?: () => void } | undefined)?.close?.();
    this.bus.close();
  }

  /** Emits a message to the sockets of this process. Never throws. */
  emitLocally(message: PositionedMessage): void {
    const { rooms, event, data, position } = message;
    // Without rooms, socket.io would emit to everyone. With rooms that no socket has joined, it would encode the message in vain.
    const { rooms: joined } = this.io.sockets.adapter;
    if (!rooms.some((room) => joined.has(room))) return;
    try {
      this.io.to(rooms).emit(event, data, toMeta(message));
    } catch (error) {
      this.logger.error({ err: error, event, position }, 'a message could not be emitted');
    }
  }
}

const toMeta = ({ eventId, occurredAt, position }: Pick<PositionedMessage, 'eventId' | 'occurredAt' | 'position'>) => ({
  eventId,
  occurredAt,
  sequence: position,
});
