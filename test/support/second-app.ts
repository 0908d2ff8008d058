import type { INestApplication } from '@nestjs/common';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import type { TestApp } from './app.js';

export interface SecondApp {
  app: INestApplication;
  url: string;
  close(): Promise<void>;
}

/** Another application on the database of the first, with its own caches and connections. */
export async function secondApp(first: TestApp, env: Record<string, string> = {}): Promise<SecondApp> {
  const app = await createApp(loadConfig({ ...first.environment, ...env }));
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await app.close();
  };
  return { app, url: `http://127.0.0.1:${port}`, close };
}
