import type { Request } from 'express';

/** The client that a session was opened from. */
export interface Device {
  userAgent: string | null;
  ip: string | null;
}

export const getDevice = (request: Request): Device => ({
  userAgent: request.headers['user-agent']?.slice(0, 200) ?? null,
  ip: request.ip ?? null,
});
