import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Config } from '../config/config.js';
import { Clock } from '../kernel/clock.js';
import { nameEnums, referredSchemas } from './openapi/enums.js';
import { addExamples, type DemoIds } from './openapi/examples.js';
import { addFailures } from './openapi/failures.js';
import { normalize } from './openapi/normalize.js';
import { completeOperations } from './openapi/operations.js';
import { shareParameters } from './openapi/shared-parameters.js';
import { operationsIn, type ApiDocument, type Parameter } from './openapi/schema.js';
import { orderTags, type Tag } from './openapi/tags.js';
import { refuseUnknownFields } from './openapi/unknown-fields.js';

export interface DocumentOptions {
  /** What the API is for and how to call it, in Markdown. */
  description: string;
  /** Adds ways to sign in to the access token in the Authorization header. */
  addSecurity: (document: DocumentBuilder) => DocumentBuilder;
  /** In the order in which the documentation shows them. */
  tags: readonly Tag[];
  /** Ids of the demo data, for examples. */
  demoIds: DemoIds;
  /** The day on which examples are based. Without it, no example has a day or an instant. */
  today?: Date;
}

/** Creates the OpenAPI document of the routes of the running application. */
export function openApiDocument(app: NestExpressApplication, options: DocumentOptions): OpenAPIObject {
  const { tags, demoIds, today } = options;
  const base = new DocumentBuilder()
    .setTitle('CareSlot')
    .setDescription(options.description)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'The server that this document comes from')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'The access token, or an API key.',
    });
  const document = SwaggerModule.createDocument(app, options.addSecurity(base).build(), {
    operationIdFactory: (controller, method) =>
      `${controller.charAt(0).toLowerCase()}${controller.slice(1).replace(/Controller$/, '')}${method.charAt(0).toUpperCase()}${method.slice(1)}`,
  }) as unknown as ApiDocument;
  convert(document, demoIds);
  document.tags = orderTags(document, tags);
  addExamples(document, demoIds, today);
  return document as unknown as OpenAPIObject;
}

/** Converts the document of the Swagger plugin to OpenAPI 3.1 with shared components, in place. */
function convert(document: ApiDocument, demoIds: DemoIds): void {
  document.openapi = '3.1.0';
  Object.assign(document.components, { responses: {}, parameters: {}, headers: HEADERS });
  const { schemas, responses } = document.components;
  schemas.ListMeta = {
    type: 'object',
    required: ['limit', 'nextCursor'],
    properties: {
      limit: { type: 'integer' },
      nextCursor: { type: ['string', 'null'], description: 'The `cursor` of the next page; null on the last one.' },
      total: { type: 'integer', description: 'Only with `withTotal=true`.' },
    },
  };
  responses.NotModified = { description: 'Nothing has changed since that ETag.' };
  completeOperations(document);
  for (const [name, schema] of Object.entries(schemas)) schemas[name] = normalize(schema);
  for (const { operation } of operationsIn(document)) {
    for (const parameter of operation.parameters ?? []) normalizeParameter(parameter);
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      if (media.schema) media.schema = normalize(media.schema);
    }
  }
  addFailures(document, demoIds);
  refuseUnknownFields(document);
  nameEnums(document);
  shareParameters(document);
  const used = referredSchemas(document);
  document.components.schemas = Object.fromEntries(
    Object.entries(document.components.schemas)
      .filter(([name]) => used.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const HEADERS: ApiDocument['components']['headers'] = {
  ETag: { description: 'The version: send it back in `If-Match` or `If-None-Match`.', schema: { type: 'string' } },
  'Idempotency-Replayed': { description: '`true`: this is the first answer again.', schema: { type: 'string' } },
  Link: { description: 'The next page, with `rel="next"`.', schema: { type: 'string' } },
  'X-Total-Count': { description: 'Only with `withTotal=true`.', schema: { type: 'integer' } },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  'RateLimit-Limit': { description: 'Requests in the window.', schema: { type: 'integer' } },
  'RateLimit-Remaining': { description: 'Requests left in the window.', schema: { type: 'integer' } },
  'RateLimit-Reset': { description: 'Seconds until the window ends.', schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'How to identify yourself.', schema: { type: 'string' } },
};

function normalizeParameter(parameter: Parameter): void {
  if (!parameter.schema) return;
  const name = parameter.in === 'header' ? '' : parameter.name;
  parameter.schema = normalize(parameter.schema, name);
  // Documentation tools show the `example` of a parameter, not the `examples` of its schema.
  const [example] = parameter.schema.examples ?? [];
  delete parameter.schema.examples;
  const isListItem = parameter.schema.type === 'array' && !Array.isArray(example);
  if (example !== undefined) parameter.example = isListItem ? [example] : example;
}

/** Adds `/docs` and `/openapi.json` if API_DOCS is set. The UI's files come from the package, so that it works offline. */
export function installOpenApi(
  app: NestExpressApplication,
  config: Config,
  options: Omit<DocumentOptions, 'today'>,
): void {
  if (!config.API_DOCS) return;
  const getDocument = createDailyDocument(app, options);
  SwaggerModule.setup('docs', app, getDocument, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'CareSlot API',
    // Without this, the first document would be served until the process ends.
    patchDocumentOnRequest: getDocument,
    swaggerOptions: {
      filter: true,
      persistAuthorization: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      displayRequestDuration: true,
      tryItOutEnabled: true,
    },
  });
}

/** Returns a function that creates the document anew each day, since its examples are days in the future. */
function createDailyDocument(app: NestExpressApplication, options: DocumentOptions): () => OpenAPIObject {
  const clock = app.get(Clock);
  let current: { day: string; document: OpenAPIObject } | null = null;
  return () => {
    const today = new Date(clock.now());
    const day = today.toISOString().slice(0, 10);
    if (current?.day !== day) current = { day, document: openApiDocument(app, { ...options, today }) };
    return current.document;
  };
}
