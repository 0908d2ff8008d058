import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { notFound } from '../kernel/domain-error.js';
import { isLoopback } from '../kernel/loopback.js';

/**
 * Restricts development routes to callers on this machine; others get 404. Refuses requests that were forwarded by a proxy or that
 * name another host (DNS rebinding).
 */
@Injectable()
export class LoopbackGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (isLocal(request)) return true;
    throw notFound();
  }
}

function isLocal({ socket, headers }: Request): boolean {
  const forwarded = headers['x-forwarded-for'] ?? headers.forwarded ?? headers['x-real-ip'];
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return forwarded === undefined && isLoopback(socket.remoteAddress ?? '') && isLoopback(host);
}
