import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { Handshake } from './handshake.js';
import { HandshakeLimits } from './handshake-limits.js';
import { LiveFeed } from './live-feed.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { SocketServer } from './socket-server.js';
import { SocketSessions } from './socket-sessions.js';
import { SyncService } from './sync.service.js';

@Module({
  imports: [HealthModule],
  providers: [Handshake, HandshakeLimits, LiveFeed, RealtimeGateway, SocketServer, SocketSessions, SyncService],
})
export class RealtimeModule {}
