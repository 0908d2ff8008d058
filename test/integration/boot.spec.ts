import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getRepositoryToken } from '@nestjs/typeorm';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/core/config/config.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { ormconfig } from '../../ormconfig.js';
import { migrate } from '../../src/migrate.js';
import { SocketAdapter } from '../../src/core/realtime/socket-adapter.js';
import { createDatabase, dropDatabase, TestApp, testEnvironment } from '../support/app.js';

@Controller('unprotected')
class UnprotectedController {
  @Get()
  list(): string {
    return 'for everybody';
  }
}

const QUIET = { logger: false, abortOnError: false } as const;

let database: { name: string; url: string };

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => dropDatabase(database.name));

describe('the start', () => {
  it('runs each migration once if two processes start at the same time', async () => {
    const ran = await Promise.all([migrate(database.url), migrate(database.url)]);
    expect(ran.flat()).toEqual(MIGRATIONS.map(({ name }) => name));
  });

  it('fails if a route declares no permission', async () => {
    const config = loadConfig(testEnvironment(database.url));
    @Module({ imports: [AppModule.forRoot(config)], controllers: [UnprotectedController] })
    class TestModule {}
    const app = await NestFactory.create<NestExpressApplication>(TestModule, QUIET);
    app.useWebSocketAdapter(new SocketAdapter(app));
    await expect(app.init()).rejects.toThrow(/UnprotectedController\.list declares no permission/);
    await app.close().catch(() => undefined);
  });

  it('fails without the socket adapter that checks tokens', async () => {
    const app = await NestFactory.create(AppModule.forRoot(loadConfig(testEnvironment(database.url))), QUIET);
    await expect(app.init()).rejects.toThrow(/SocketAdapter/);
    await app.close().catch(() => undefined);
  });
});

describe('every entity', () => {
  it('is registered by a module', async () => {
    const entities = ormconfig.entities as Parameters<typeof getRepositoryToken>[0][];
    const running = await TestApp.start();
    const missing = entities.filter((entity) => {
      try {
        return !running.app.get<unknown>(getRepositoryToken(entity), { strict: false });
      } catch {
        return true;
      }
    });
    await running.close();
    expect(missing).toEqual([]);
  });
});

describe('the shutdown', () => {
  it('leaves no timer that would keep the process alive', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await (await TestApp.start()).close();
    expect(timers()).toBeLessThanOrEqual(before);
  });
});
