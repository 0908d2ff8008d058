import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets';
import { Gauge } from 'prom-client';
import { registry } from '../metrics/registry.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { LiveFeed } from './live-feed.js';
import { sessionRoom, socketsRoom } from './rooms.js';
import { SocketServer } from './socket-server.js';
import { SocketSessions } from './socket-sessions.js';
import type { CareSlotServer, CareSlotSocket } from './socket-types.js';
import { SyncService, type SyncAnswer } from './sync.service.js';

/** The maximum number of pending `sync` requests of a socket. Clients send one after each reconnect. */
const MAX_SYNCS = 5;

const sockets = new Gauge({
  name: 'careslot_sockets',
  help: 'Sockets connected to this process, by the role of their user, or API_KEY',
  labelNames: ['kind'] as const,
  registers: [registry],
});

/**
 * The Socket.io gateway. In a worker, which has no HTTP server, Nest does not bind it: then `LiveFeed` only passes events on to
 * the other processes.
 */
@WebSocketGateway()
export class RealtimeGateway
  implements
    OnModuleInit,
    OnGatewayInit<CareSlotServer>,
    OnGatewayConnection<CareSlotSocket>,
    OnGatewayDisconnect<CareSlotSocket>,
    OnApplicationBootstrap,
    BeforeApplicationShutdown
{
  /** The server that Nest bound the gateway to; null in a worker. */
  private bound: CareSlotServer | null = null;

  constructor(
    private readonly server: SocketServer,
    private readonly sessions: SocketSessions,
    private readonly syncs: SyncService,
    private readonly feed: LiveFeed,
    private readonly relay: OutboxRelay,
  ) {}

  /** @throws Error if Nest created its own server, which would accept unauthenticated connections */
  onModuleInit(): void {
    if (this.bound && this.bound !== this.server.io) throw new Error('Sockets need the SocketAdapter (see app.ts).');
  }

  afterInit(io: CareSlotServer): void {
    this.bound = io;
  }

  /** Runs before HTTP listens, so before the first socket. */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.bound) return;
    await this.feed.start();
    this.sessions.start();
  }

  handleConnection(socket: CareSlotSocket): void {
    const { actor } = socket.data;
    void socket.join([sessionRoom(actor.sessionId), socketsRoom(actor.userId)]);
    this.syncs.waitForSync(socket);
    sockets.inc({ kind: toKind(socket) });
    releaseHandshake(socket);
  }

  handleDisconnect(socket: CareSlotSocket): void {
    sockets.dec({ kind: toKind(socket) });
  }

  /** Runs one `sync` at a time for each socket and limits pending ones, so that a client cannot start many queries. */
  @SubscribeMessage('sync')
  async sync(@ConnectedSocket() socket: CareSlotSocket, @MessageBody() last: unknown): Promise<SyncAnswer | undefined> {
    const { data } = socket;
    if (data.syncs >= MAX_SYNCS) return { code: 'RATE_LIMITED' };
    data.syncs += 1;
    const answer = data.syncing.then(() => (socket.connected ? this.syncs.sync(socket, last) : undefined));
    data.syncing = answer.then(() => void (data.syncs -= 1));
    return answer;
  }

  /** Runs before the HTTP server closes, which would wait for the sockets. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.feed.stop();
    await this.server.close();
  }
}

const toKind = ({ data }: CareSlotSocket): string => (data.actor.apiKey ? 'API_KEY' : data.actor.role);

/** Releases headers and token, which are most of an idle socket's memory. */
function releaseHandshake(socket: CareSlotSocket): void {
  Object.assign(socket.handshake, { headers: {}, query: {}, auth: {} });
  (socket.conn as unknown as { request: unknown }).request = null;
}
