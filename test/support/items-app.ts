import { Body, Controller, Injectable, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/app.module.js';
import type { Config } from '../../src/core/config/config.js';
import { currentContext } from '../../src/core/context/request-context.js';
import { Database } from '../../src/core/database/database.js';
import { CareSlotAdapter } from '../../src/core/http/careslot-adapter.js';
import { EmergencyTexts } from '../../src/core/http/emergency-texts.js';
import { ErrorFilter } from '../../src/core/http/error.filter.js';
import { Operation } from '../../src/core/http/operation.js';
import { BodyRoutes } from '../../src/core/http/body-routes.js';
import { installPipeline } from '../../src/core/http/pipeline.js';
import { newId } from '../../src/core/kernel/id.js';
import { LOGGER } from '../../src/core/logging/logger.js';
import { SocketAdapter } from '../../src/core/realtime/socket-adapter.js';
import { RateLimits } from '../../src/core/security/rate-limits.js';

export interface NewItem {
  name: string;
  /** Returns without a row, and without the key. */
  stores?: false;
  /** Throws after the commit. */
  failsAfterwards?: true;
}

/** The smallest use case that stores the answer to its Idempotency-Key itself. */
@Injectable()
class ItemService {
  constructor(private readonly db: Database) {}

  async add({ name, stores, failsAfterwards }: NewItem): Promise<object> {
    const { pendingAnswer, transaction } = currentContext();
    const item = { id: newId(), name, inTransaction: transaction !== null };
    if (stores === false) return item;
    await this.db.rows(ADD, [
      item.id,
      name,
      pendingAnswer?.caller ?? null,
      pendingAnswer?.route,
      pendingAnswer?.key,
      pendingAnswer?.requestHash,
      pendingAnswer?.status,
      pendingAnswer?.encrypt(item),
    ]);
    if (failsAfterwards) throw new RangeError('too late');
    if (pendingAnswer) pendingAnswer.stored = true;
    return item;
  }
}

const ADD = `
  WITH stored AS (
    INSERT INTO idempotency_key (caller, route, key, request_hash, status, response)
    SELECT $3::uuid, $4::text, $5::text, $6::bytea, $7::smallint, $8::bytea WHERE $3::uuid IS NOT NULL)
  INSERT INTO item (id, name) VALUES ($1::uuid, $2::text)`;

@Controller('api/v1/items')
class ItemsController {
  constructor(private readonly items: ItemService) {}

  @Post()
  @Operation({ summary: 'Add an item', permission: 'public', status: 201, idempotent: 'STORED_BY_USE_CASE' })
  add(@Body() item: NewItem): Promise<object> {
    return this.items.add(item);
  }
}

/** The application with one more route: `POST /api/v1/items`, on the table `item`. */
export async function startItemsApp(config: Config): Promise<NestExpressApplication> {
  class TestModule {}
  Module({ imports: [AppModule.forRoot(config)], controllers: [ItemsController], providers: [ItemService] })(
    TestModule,
  );
  const app = await NestFactory.create<NestExpressApplication>(TestModule, new CareSlotAdapter(), {
    bodyParser: false,
    abortOnError: false,
    logger: false,
  });
  installPipeline(app, {
    config,
    logger: app.get(LOGGER),
    limits: app.get(RateLimits),
    errors: app.get(ErrorFilter),
    emergencies: app.get(EmergencyTexts),
    bodies: app.get(BodyRoutes),
  });
  app.useWebSocketAdapter(new SocketAdapter(app));
  await app.listen(0, '127.0.0.1');
  return app;
}
