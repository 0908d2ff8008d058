import type { Request } from 'express';
import { publicUrl, type Config } from '../../core/config/config.js';

const HOST = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The address under which the caller reached this server: PUBLIC_URL, else the host that it called (behind a trusted
 * proxy: X-Forwarded-Host). A phone reaches the address that it called, not localhost. A forged host changes nothing but
 * the links in the answer to whoever forged it, which no cache keeps.
 */
export function serverUrl(config: Config, request: Request): string {
  const host = request.host as string | undefined;
  if (config.PUBLIC_URL || !host || !HOST.test(host)) return publicUrl(config);
  return `${request.protocol}://${host}`;
}
