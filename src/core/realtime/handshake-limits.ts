import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Express } from 'express';
import type { IncomingMessage } from 'node:http';
import { Config } from '../config/config.js';
import { plainAddress } from '../http/client-address.js';
import { Clock } from '../kernel/clock.js';
import { LocalRateLimiter } from '../security/local-rate-limiter.js';

/** The share of an address's rate limit that may be handshakes. */
const HANDSHAKE_SHARE = 1 / 3;

type Trust = (address: string, hop: number) => boolean;

/** Limits how many connections and sockets an address may open in a minute. */
@Injectable()
export class HandshakeLimits {
  /** Sockets above this limit are refused with an error code; at twice the limit, connections are refused. */
  private readonly sockets: LocalRateLimiter;
  private readonly connections: LocalRateLimiter;

  constructor(
    { RATE_LIMIT_PER_MINUTE }: Config,
    clock: Clock,
    private readonly host: HttpAdapterHost,
  ) {
    const limit = Math.ceil(RATE_LIMIT_PER_MINUTE * HANDSHAKE_SHARE);
    this.sockets = new LocalRateLimiter(limit, clock);
    this.connections = new LocalRateLimiter(2 * limit, clock);
  }

  /** @throws DomainError RATE_LIMITED */
  consumeConnection(request: IncomingMessage): void {
    this.connections.consume(this.getClientAddress(request));
  }

  /** @returns the client's address @throws DomainError RATE_LIMITED */
  consumeSocket(request: IncomingMessage): string {
    const address = this.getClientAddress(request);
    this.sockets.consume(address);
    return address;
  }

  /** The client's address, as in express's `request.ip`: the nearest address that is not a trusted proxy. */
  private getClientAddress(request: IncomingMessage): string {
    const express = this.host.httpAdapter.getInstance<Express>();
    const trust = express.get('trust proxy fn') as Trust;
    const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
    const hops = [request.socket.remoteAddress ?? 'unknown', ...forwarded.reverse().map(plainAddress)];
    const addresses = hops.filter(Boolean);
    return addresses.find((address, hop) => !trust(address, hop)) ?? addresses.at(-1) ?? 'unknown';
  }
}
