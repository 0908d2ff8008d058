import type { Request } from 'express';
import type { Device } from './sessions.repository.js';

/** What a session remembers of where it was opened. */
export const deviceOf = (request: Request): Device => ({
  userAgent: request.headers['user-agent']?.slice(0, 200) ?? null,
  ip: request.ip ?? null,
});
