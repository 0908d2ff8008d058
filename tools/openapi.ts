import { writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { API_TAGS, DEMO_IDS } from '../src/api-document.js';
import { AppModule } from '../src/app.module.js';
import { loadConfig } from '../src/core/config/config.js';
import { openApiDocument } from '../src/core/http/openapi.js';
import { compactJson } from './compact-json.js';

/**
 * Writes `openapi.json` from the routes as they are declared; with `--stdout` only prints it. Run from the build, where
 * the Swagger plugin has read the types and comments. Needs no database: the application is not started.
 */
const config = loadConfig({
  NODE_ENV: 'development',
  DATABASE_URL: 'postgres://localhost/none',
  REDIS_URL: 'redis://localhost',
  JWT_SECRET: 'only-for-writing-the-document-0123456789',
  LOG_LEVEL: 'silent',
});
const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), {
  preview: true,
  logger: false,
});
const text = compactJson(openApiDocument(app, { tags: API_TAGS, demoIds: DEMO_IDS }));
if (process.argv.includes('--stdout')) process.stdout.write(text);
else await writeFile('openapi.json', text);
await new Promise((done) => process.stdout.write('', done));
process.exit(0);
