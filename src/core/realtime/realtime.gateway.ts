import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server as HttpServer } from 'node:http';
import { countSocket } from '../health/metrics.js';
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { Handshake } from './handshake.js';
import { limitMessages } from './message-limit.js';
import { MissedDeliveries } from './missed-deliveries.js';
import { roomsOf, sessionRoom } from './rooms.js';
import { SocketServer } from './socket-server.js';
import { SocketSessions } from './socket-sessions.js';
import type { CareSlotSocket } from './socket-types.js';
import { SyncService } from './sync.service.js';

/**
 * Socket.io on the HTTP server of this process; in a worker, which has none, only the way to the sockets of others. Not a
 * Nest @WebSocketGateway: the worker needs the server too, the guards are made for HTTP, and Nest's streams per socket
 * cost memory for the one message that clients send.
 */
@Injectable()
export class RealtimeGateway implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly server: SocketServer,
    private readonly handshake: Handshake,
    private readonly sessions: SocketSessions,
    private readonly syncs: SyncService,
    private readonly missed: MissedDeliveries,
    private readonly consumers: OutboxConsumers,
    private readonly relay: OutboxRelay,
    private readonly host: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    this.consumers.deliver = (messages) => this.server.emit(messages);
  }

  async onApplicationBootstrap(): Promise<void> {
    const http = (this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined)?.getHttpServer() as
      HttpServer | undefined;
    if (!http) return;
    await this.missed.start();
    this.server.attach(http, this.handshake.allowRequest);
    limitMessages(this.server);
    this.server.io.use(this.handshake.authenticate);
    this.server.io.on('connection', (socket) => this.connected(socket));
    this.sessions.start();
  }

  /** Before the HTTP server closes: it would wait for the sockets. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.missed.stop();
    await this.server.close();
  }

  private connected(socket: CareSlotSocket): void {
    const { actor } = socket.data;
    void socket.join([sessionRoom(actor.sessionId), ...roomsOf(actor)]);
    socket.on('sync', (...args) => this.sync(socket, args));
    socket.once('disconnect', () => countSocket(-1));
    countSocket(1);
    forgetHandshake(socket);
  }

  /** One at a time for each socket: a client can't have many queries run at once. */
  private sync(socket: CareSlotSocket, args: unknown[]): void {
    const ack = args.at(-1);
    socket.data.syncing = socket.data.syncing.then(async () => {
      if (!socket.connected) return;
      const answer = await this.syncs.sync(socket, args[0]);
      if (typeof ack === 'function') (ack as (answer: object) => void)(answer);
      else socket.emit('sync', answer);
    });
  }
}

/** Headers and token are of no more use, and are the larger part of an idle socket. */
function forgetHandshake(socket: CareSlotSocket): void {
  Object.assign(socket.handshake, { headers: {}, query: {}, auth: {} });
  (socket.conn as unknown as { request: unknown }).request = null;
}
