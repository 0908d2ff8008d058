import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { notFound } from '../kernel/domain-error.js';
import { isLoopback } from '../kernel/loopback.js';

/**
 * For development routes: answers only callers on this machine, and 404 to everybody else. A request that a proxy passed
 * on, or that names another host (DNS rebinding), comes from elsewhere.
 */
@Injectable()
export class LoopbackGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (isFromHere(request)) return true;
    throw notFound();
  }
}

function isFromHere({ socket, headers }: Request): boolean {
  const forwarded = headers['x-forwarded-for'] ?? headers.forwarded ?? headers['x-real-ip'];
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return forwarded === undefined && isLoopback(socket.remoteAddress ?? '') && isLoopback(host);
}
