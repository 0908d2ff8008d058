import { expect, test } from '@jest/globals';
import pg from 'pg';
import pino from 'pino';
import { PgListener } from '../../src/core/database/pg-listener.js';
import { createDatabase, dropDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { TcpProxy } from '../support/tcp-proxy.js';

test('a listener whose network drops all packets connects again, and gets later notifications', async () => {
  const database = await createDatabase();
  const proxy = await TcpProxy.start(database.url);
  const db = new pg.Client({ connectionString: database.url });
  await db.connect();
  const messages: string[] = [];
  let connects = 0;
  const onConnect = async (): Promise<void> => void (connects += 1);
  const onMessage = (payload: string): void => void messages.push(payload);
  const listener = new PgListener(proxy.url, { name: 'news', onMessage, onConnect }, pino({ level: 'silent' }));
  try {
    await listener.start();
    expect(connects).toBe(1);
    proxy.stallOpenConnections();
    await db.query(`SELECT pg_notify('news', 'lost')`);
    await eventually(async () => expect(connects).toBe(2));
    await db.query(`SELECT pg_notify('news', 'received')`);
    await eventually(async () => expect(messages).toEqual(['received']));
  } finally {
    await listener.stop();
    await db.end();
    await proxy.close();
    await dropDatabase(database.name);
  }
});
