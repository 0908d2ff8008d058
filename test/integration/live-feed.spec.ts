import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/core/config/config.js';
import { OutboxConsumers } from '../../src/core/outbox/outbox-consumers.js';
import type { MessageBatch } from '../../src/core/outbox/outbox-event.js';
import { LiveFeed } from '../../src/core/realtime/live-feed.js';
import { SocketServer } from '../../src/core/realtime/socket-server.js';
import { createMigratedDatabase, dropDatabase, testEnvironment } from '../support/app.js';
import { eventually } from '../support/eventually.js';

/** More than the feed reads with one statement. */
const EVENTS = 600;

let databases: { name: string; url: string }[];
let contexts: INestApplicationContext[];

/** Two processes of one installation, and one of another with the same Redis and the same secret. */
beforeAll(async () => {
  databases = [await createMigratedDatabase(), await createMigratedDatabase()];
  for (const { url } of databases) {
    await addEvents(url);
  }
  const [own, other] = databases.map(({ url }) => url) as [string, string];
  contexts = await Promise.all([own, own, other].map(startProcess));
});

afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  for (const { name } of databases) await dropDatabase(name);
});

async function addEvents(url: string): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  await db.query(
    `INSERT INTO outbox (id, event, aggregate_id, payload, position, message_count, rooms, published_at)
     SELECT gen_random_uuid(), 'test:old', gen_random_uuid(), '{}', n, 1, '{user:a}', now() FROM generate_series(1, $1) n`,
    [EVENTS],
  );
  await db.query('UPDATE outbox_relay SET position = $1', [EVENTS]);
  await db.end();
}

const startProcess = (url: string): Promise<INestApplicationContext> =>
  NestFactory.createApplicationContext(AppModule.forRoot(loadConfig(testEnvironment(url))), {
    logger: false,
    abortOnError: false,
  });

const getFeed = (process = 0): LiveFeed =>
  (contexts[process] as INestApplicationContext).get(LiveFeed, { strict: false });

/** An empty batch from the last event up to a position. */
const batchUpTo = (upTo: number): MessageBatch => ({ after: EVENTS, upTo, messages: [], isRepeated: false });

async function publish(process: number, batch: MessageBatch): Promise<void> {
  const { bus } = (contexts[process] as INestApplicationContext).get(SocketServer, { strict: false });
  await eventually(async () => expect(bus.isUp).toBe(true));
  bus.publish(batch);
}

test('the feed accepts batches of its own installation, and none of another one in the same Redis', async () => {
  const feed = getFeed();
  await feed.start();
  expect(feed.position).toBe(EVENTS);
  // The feed has connected to Redis when it gets this batch.
  await eventually(async () => {
    await publish(1, batchUpTo(EVENTS + 1));
    expect(feed.position).toBe(EVENTS + 1);
  });
  await publish(2, batchUpTo(EVENTS + 1_000));
  await publish(1, batchUpTo(EVENTS + 2));
  await eventually(async () => expect(feed.position).toBeGreaterThan(EVENTS + 1));
  expect(feed.position).toBe(EVENTS + 2);
  await feed.stop();
});

test('a batch that is published while the feed starts does not make the feed read old events', async () => {
  const feed = getFeed(1);
  const starting = feed.start();
  (contexts[1] as INestApplicationContext).get(OutboxConsumers).deliver(batchUpTo(EVENTS + 1));
  await starting;
  await feed.stop();
  expect(feed.position).toBe(EVENTS);
});
