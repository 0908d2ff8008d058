import type { Request } from 'express';
import { publicUrl, type Config } from '../../core/config/config.js';

const HOST = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The URL of this server for the caller: PUBLIC_URL, otherwise the host of the request (behind a trusted proxy: X-Forwarded-Host),
 * because a phone cannot reach localhost. A forged host only changes links in the response to the forger, which is not cached.
 */
export function serverUrl(config: Config, request: Request): string {
  const host = request.host as string | undefined;
  if (config.PUBLIC_URL || !host || !HOST.test(host)) return publicUrl(config);
  return `${request.protocol}://${host}`;
}
