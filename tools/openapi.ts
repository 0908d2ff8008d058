/**
 * Writes `openapi.json` from the declared routes; `--stdout` prints it instead. It runs from the build, because the Swagger plugin reads
 * types and comments at build time. It needs no database: the application is created in preview mode and not started.
 */

import { writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { API_DOCUMENT } from '../src/api-document.js';
import { AppModule } from '../src/app.module.js';
import { loadConfig } from '../src/core/config/config.js';
import { openApiDocument } from '../src/core/http/openapi.js';
import { compactJson } from './compact-json.js';

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
const text = compactJson(openApiDocument(app, API_DOCUMENT));
if (process.argv.includes('--stdout')) process.stdout.write(text);
else await writeFile('openapi.json', text);
await new Promise((done) => process.stdout.write('', done));
process.exit(0);
