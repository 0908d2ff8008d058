import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Config } from '../config/config.js';
import { ERROR_STATUS } from '../kernel/domain-error.js';

const DESCRIPTION = `Book patients with doctors. Instants are ISO 8601 (\`Z\` out, any offset in); local days are \`YYYY-MM-DD\`,
local times \`HH:mm\`, zones IANA names. Lists page by \`limit\` and \`cursor\`. Decision support in this API needs a clinician's review.`;

/** The OpenAPI document of the routes as they run. */
export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('CareSlot')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...envelopes() } };
  sortEnums(document);
  return document;
}

/** The compiler lists the words of a union as it happened to meet them, which differs from one checkout to the next. */
function sortEnums(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'enum' && Array.isArray(value)) value.sort();
    else sortEnums(value);
  }
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const envelopes = (): Schemas => ({
  ListMeta: {
    type: 'object',
    required: ['limit', 'nextCursor'],
    properties: {
      limit: { type: 'integer', example: 20 },
      nextCursor: { type: 'string', nullable: true, example: null },
      total: { type: 'integer', description: 'Only with withTotal=true.', example: 42 },
    },
  },
  BareFailure: {
    type: 'object',
    required: ['error', 'message'],
    properties: {
      error: { type: 'string', example: 'Invalid credentials' },
      message: { type: 'string', description: 'The same sentence.', example: 'Invalid credentials' },
    },
  },
  Failure: {
    type: 'object',
    required: ['success', 'error', 'timestamp', 'requestId'],
    properties: {
      success: { type: 'boolean', example: false },
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string', enum: Object.keys(ERROR_STATUS) },
          message: { type: 'string' },
          details: { nullable: true },
        },
      },
      timestamp: { type: 'string', format: 'date-time' },
      requestId: { type: 'string' },
    },
  },
});

/** `/docs` and `/openapi.json`; the UI's files come from the package, so that it works offline. With API_DOCS. */
export function installOpenApi(app: NestExpressApplication, config: Config): void {
  if (!config.API_DOCS) return;
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
}
