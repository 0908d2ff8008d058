import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Express } from 'express';
import type { IncomingMessage } from 'node:http';
import { Config } from '../config/config.js';
import { plainAddress } from '../http/client-address.js';
import { HealthService } from '../health/health.service.js';
import { Clock } from '../kernel/clock.js';
import { DomainError } from '../kernel/domain-error.js';
import { FloodGate } from '../security/flood-gate.js';
import { TokenVerifier } from '../security/token-verifier.js';
import { socketsRoom } from './rooms.js';
import { SocketServer } from './socket-server.js';
import { refusalOf, type CareSlotSocket } from './socket-types.js';

/** Of the requests that an address may make, so many may be handshakes. */
const HANDSHAKE_SHARE = 1 / 3;
/** So many sockets of one user in one process: a stolen token must not take all the memory. */
const MOST_SOCKETS_OF_A_USER = 200;

type Trust = (address: string, hop: number) => boolean;

/** Who may open a connection, and who may open a socket on it. */
@Injectable()
export class Handshake {
  /** Above this a socket is refused with a code, above twice as many not even a connection is opened. */
  private readonly sockets: FloodGate;
  private readonly connections: FloodGate;

  constructor(
    private readonly config: Config,
    private readonly host: HttpAdapterHost,
    private readonly tokens: TokenVerifier,
    private readonly health: HealthService,
    private readonly server: SocketServer,
    clock: Clock,
  ) {
    const most = Math.ceil(config.RATE_LIMIT_PER_MINUTE * HANDSHAKE_SHARE);
    this.sockets = new FloodGate(most, clock);
    this.connections = new FloodGate(2 * most, clock);
  }

  /** CORS does not hold for WebSocket, so the origin is checked here for every transport. Native apps send none. */
  allowRequest = (request: IncomingMessage, answer: (message: string | null, allowed: boolean) => void): void => {
    // Refused here a client tries again by itself, and finds another process; refused by a code it would not.
    if (this.health.isDraining) return answer('This process is shutting down.', false);
    if (!this.isAllowedOrigin(request)) return answer('This origin may not connect.', false);
    try {
      this.connections.consume(this.addressOf(request));
      answer(null, true);
    } catch {
      answer('Too many connections.', false);
    }
  };

  /** socket.io's middleware: runs for every socket, also for one that comes back. */
  authenticate = (socket: CareSlotSocket, next: (error?: Error) => void): void => {
    try {
      this.admit(socket);
      next();
    } catch (error) {
      const known = error instanceof DomainError ? error : new DomainError('SERVICE_UNAVAILABLE', 'Try again later.');
      next(Object.assign(new Error(known.message), { data: refusalOf(known) }));
    }
  };

  private admit(socket: CareSlotSocket): void {
    if (this.health.isDraining) throw new DomainError('SERVICE_UNAVAILABLE', 'This process is shutting down.');
    this.sockets.consume(this.addressOf(socket.request));
    const verified = this.tokens.verify(socket.handshake.auth.token);
    const own = this.server.io.sockets.adapter.rooms.get(socketsRoom(verified.actor.userId));
    if (own && own.size >= MOST_SOCKETS_OF_A_USER)
      throw new DomainError('RATE_LIMITED', 'Too many sockets of one user.');
    socket.data = { ...verified, syncing: Promise.resolve(), syncs: 0, isLive: false, resumesFrom: 0 };
  }

  /** WebSocket clients outside of browsers (Python, Java) send the server's own address as their origin. */
  private isAllowedOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined) return true;
    const allowed = this.config.SOCKET_IO_CORS_ORIGIN;
    return allowed.includes('*') || allowed.includes(origin) || hostOf(origin) === host?.toLowerCase();
  }

  /** As express finds `request.ip`: the first address, from ours outwards, that is no trusted proxy. */
  private addressOf(request: IncomingMessage): string {
    const express = this.host.httpAdapter.getInstance<Express>();
    const trust = express.get('trust proxy fn') as Trust;
    const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
    const hops = [request.socket.remoteAddress ?? 'unknown', ...forwarded.reverse().map(plainAddress)];
    const addresses = hops.filter(Boolean);
    return addresses.find((address, hop) => !trust(address, hop)) ?? addresses.at(-1) ?? 'unknown';
  }
}

/** Host and port of an origin, as a Host header has them; null for text such as `null`. */
const hostOf = (origin: string): string | null =>
  /^(?:https?|wss?):\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase() ?? null;
