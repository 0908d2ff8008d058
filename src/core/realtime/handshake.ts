import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Config } from '../config/config.js';
import { HealthService } from '../health/health.service.js';
import { DomainError, forbidden } from '../kernel/domain-error.js';
import { hasPermission } from '../security/permissions.js';
import { TokenVerifier } from '../security/token-verifier.js';
import { HandshakeLimits } from './handshake-limits.js';
import { socketsRoom } from './rooms.js';
import { SocketServer } from './socket-server.js';
import type { CareSlotSocket } from './socket-types.js';

/** The maximum number of sockets of a user in each process, so that a stolen token cannot exhaust the memory. */
const MAX_SOCKETS_PER_USER = 200;

/** Decides who may open a connection, and who may open a socket on it. */
@Injectable()
export class Handshake {
  constructor(
    private readonly config: Config,
    private readonly limits: HandshakeLimits,
    private readonly tokens: TokenVerifier,
    private readonly health: HealthService,
    private readonly server: SocketServer,
  ) {}

  /** Checks the origin for every transport: CORS does not apply to WebSocket. Native apps send no origin. */
  allowRequest = (request: IncomingMessage, answer: (message: string | null, allowed: boolean) => void): void => {
    // Clients reconnect automatically after a refusal here, but not after one with an error code.
    if (this.health.isDraining) return answer('This process is shutting down.', false);
    if (!this.isAllowedOrigin(request)) return answer('This origin may not connect.', false);
    try {
      this.limits.consumeConnection(request);
      answer(null, true);
    } catch {
      answer('Too many connections. Try again in a minute.', false);
    }
  };

  /** Checks the token of a new or reconnected socket, and sets the socket's data. @throws DomainError */
  async admit(socket: CareSlotSocket): Promise<void> {
    if (this.health.isDraining) throw new DomainError('SERVICE_UNAVAILABLE', 'This process is shutting down.');
    const ip = this.limits.consumeSocket(socket.request);
    const verified = await this.tokens.verifyTokenOrKey(socket.handshake.auth.token, ip);
    // Rooms have events of appointments.
    if (!hasPermission(verified.actor, 'appointment:read')) throw forbidden('This API key may not read appointments.');
    const own = this.server.io.sockets.adapter.rooms.get(socketsRoom(verified.actor.userId));
    if (own && own.size >= MAX_SOCKETS_PER_USER)
      throw new DomainError('RATE_LIMITED', 'You have too many open connections. Close some of them.');
    socket.data = { ...verified, syncing: Promise.resolve(), syncs: 0, isLive: false, resumesFrom: 0 };
  }

  /** Also allows the server's own host, which WebSocket clients outside browsers (Python, Java) send as their origin. */
  private isAllowedOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined) return true;
    const allowed = this.config.SOCKET_IO_CORS_ORIGIN;
    return allowed.includes('*') || allowed.includes(origin) || getHost(origin) === host?.toLowerCase();
  }
}

/** The host and port of an origin, in the format of a Host header; null if it is not a URL. */
const getHost = (origin: string): string | null =>
  /^(?:https?|wss?):\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase() ?? null;
