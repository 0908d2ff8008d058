import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/core/config/config.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { migrate } from '../../src/core/database/migrate.js';
import { createDatabase, dropDatabase, testEnvironment } from '../support/app.js';

@Controller('forgotten')
class ForgottenController {
  @Get()
  list(): string {
    return 'for everybody';
  }
}

let database: { name: string; url: string };

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => dropDatabase(database.name));

describe('starting', () => {
  it('is refused where a route declares no permission', async () => {
    const config = loadConfig(testEnvironment(database.url));
    @Module({ imports: [AppModule.forRoot(config)], controllers: [ForgottenController] })
    class CarelessModule {}
    const app = await NestFactory.create(CarelessModule, { logger: false, abortOnError: false });
    await expect(app.init()).rejects.toThrow(/ForgottenController\.list declares no permission/);
    await app.close().catch(() => undefined);
  });

  it('migrates once, also when two processes start at once', async () => {
    const ran = await Promise.all([migrate(database.url), migrate(database.url)]);
    expect(ran.flat()).toEqual(MIGRATIONS.map(({ name }) => name));
  });
});
