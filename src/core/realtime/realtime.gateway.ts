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
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { LiveFeed } from './live-feed.js';
import { sessionRoom, socketsRoom } from './rooms.js';
import { SocketServer } from './socket-server.js';
import { SocketSessions } from './socket-sessions.js';
import type { CareSlotServer, CareSlotSocket } from './socket-types.js';
import { SyncService, type SyncAnswer } from './sync.service.js';

/** Of one socket, the one that is answered included: clients send one when they come back. */
const MOST_SYNCS = 5;

const sockets = new Gauge({
  name: 'careslot_sockets',
  help: 'Sockets connected to this process',
  registers: [registry],
});

/**
 * Where clients' sockets come in and events go out. A worker has no HTTP server and so no sockets: there Nest binds no
 * gateway, and this only speaks to the sockets of other processes.
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
  /** The server that Nest bound this to; none in a worker. */
  private bound: CareSlotServer | null = null;

  constructor(
    private readonly server: SocketServer,
    private readonly sessions: SocketSessions,
    private readonly syncs: SyncService,
    private readonly feed: LiveFeed,
    private readonly consumers: OutboxConsumers,
    private readonly relay: OutboxRelay,
  ) {}

  /** @throws Error where Nest made a server of its own, to which everybody could connect */
  onModuleInit(): void {
    if (this.bound && this.bound !== this.server.io) throw new Error('Sockets need the SocketAdapter (see app.ts).');
    this.consumers.deliver = (batch) => {
      this.server.bus.publish(batch);
      if (this.bound) this.feed.accept(batch);
    };
  }

  afterInit(io: CareSlotServer): void {
    this.bound = io;
  }

  /** Before the first socket: HTTP listens after this. */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.bound) return;
    await this.feed.start();
    this.sessions.start();
  }

  handleConnection(socket: CareSlotSocket): void {
    const { actor } = socket.data;
    void socket.join([sessionRoom(actor.sessionId), socketsRoom(actor.userId)]);
    this.syncs.waitForSync(socket);
    sockets.inc();
    forgetHandshake(socket);
  }

  handleDisconnect(): void {
    sockets.dec();
  }

  /** One at a time for each socket, and few that wait: a client can't have many queries run. */
  @SubscribeMessage('sync')
  async sync(@ConnectedSocket() socket: CareSlotSocket, @MessageBody() last: unknown): Promise<SyncAnswer | undefined> {
    const { data } = socket;
    if (data.syncs >= MOST_SYNCS) return { code: 'RATE_LIMITED' };
    data.syncs += 1;
    const answer = data.syncing.then(() => (socket.connected ? this.syncs.sync(socket, last) : undefined));
    data.syncing = answer.then(() => void (data.syncs -= 1));
    return answer;
  }

  /** Before the HTTP server closes: it would wait for the sockets. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.feed.stop();
    await this.server.close();
  }
}

/** Headers and token are of no more use, and are the larger part of an idle socket. */
function forgetHandshake(socket: CareSlotSocket): void {
  Object.assign(socket.handshake, { headers: {}, query: {}, auth: {} });
  (socket.conn as unknown as { request: unknown }).request = null;
}
