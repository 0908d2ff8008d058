import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { isUnversioned } from '../../src/core/http/bare.js';
import { TABLE } from './route-role.table.js';

const run = promisify(execFile);
/** Of the compact document, as it is served. Copies of schemas or errors at each operation would need five times as much. */
const MAX_BYTES_PER_OPERATION = 2_200;

let text: string;
let document: any;
let operations: { route: string; operation: any }[];

beforeAll(async () => {
  text = await readFile('openapi.json', 'utf8');
  document = JSON.parse(text);
  operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      operation,
    })),
  );
});

/** Every schema in the document, with its JSON pointer. */
function* schemasIn(node: unknown, path = ''): Generator<{ path: string; schema: any }> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'example' || key === 'examples') continue;
    const isSchema = key === 'schema' || /\/(schemas|properties)$/.test(path) || key === 'items';
    if (isSchema) yield { path: `${path}/${key}`, schema: value };
    yield* schemasIn(value, `${path}/${key}`);
  }
}

describe('the OpenAPI document', () => {
  it('is up to date; if not, run `npm run openapi`', async () => {
    const { stdout } = await run(process.execPath, ['dist/tools/openapi.js', '--stdout'], {
      maxBuffer: 32 * 1024 * 1024,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stdout).toBe(text);
  });

  it('has no error by the recommended rules of Redocly, and warnings only about ambiguous paths', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lintFromString({ source: text, config, absoluteRef: 'openapi.json' });
    // `/notifications/devices/{id}` and `/notifications/{id}/read` are fixed by the API.
    const others = problems.filter(({ ruleId, severity }) => severity === 'error' || ruleId !== 'no-ambiguous-paths');
    expect(others.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`)).toEqual([]);
  });

  it('needs fewer than 2,200 bytes for each operation', () => {
    expect(JSON.stringify(document).length / operations.length).toBeLessThan(MAX_BYTES_PER_OPERATION);
  });

  it('has every route with a summary, its permission, an answer and its errors', () => {
    expect(operations.map(({ route }) => route).sort()).toEqual(Object.keys(TABLE).sort());
    for (const { route, operation } of operations) {
      expect({ route, summary: operation.summary, description: operation.description }).toMatchObject({
        summary: expect.stringMatching(/^[A-Z][a-z]+ /),
        description: expect.stringMatching(/Permission: /),
      });
      const statuses = Object.keys(operation.responses);
      const bare = isUnversioned(route.split(' ')[1] as string);
      expect({
        route,
        answers: statuses.some((status) => status.startsWith('2')),
        limited: statuses.includes(bare ? '403' : '429'),
      }).toEqual({ route, answers: true, limited: true });
      const failures = statuses.filter((status) => Number(status) >= 400);
      if (bare) expect(['400', '401', '403', '404', '500']).toEqual(expect.arrayContaining(failures));
    }
  });

  it('uses shared responses for errors, and named schemas for answers', () => {
    for (const { route, operation } of operations) {
      for (const [status, response] of Object.entries<any>(operation.responses)) {
        const schema = response.content?.['application/json']?.schema;
        const isNamed = !schema || schema.$ref || schema.items?.$ref;
        expect({ route, status, isNamed: response.$ref ? true : Boolean(isNamed) }).toEqual({
          route,
          status,
          isNamed: true,
        });
      }
    }
  });

  it('has unique operation ids in camel case', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has each enumeration once, with a name', () => {
    const found = [...schemasIn(document)].filter(
      ({ schema }) => schema.enum?.filter((word: unknown) => word !== null).length > 1,
    );
    expect(found.map(({ path }) => path).filter((path) => !/^\/components\/schemas\/\w+$/.test(path))).toEqual([]);
    const words = found.map(({ schema }) => JSON.stringify([...schema.enum].sort()));
    expect(new Set(words).size).toBe(words.length);
  });

  it('has no "nullable", no alternative with one member, and integers for whole numbers', () => {
    for (const { path, schema } of schemasIn(document)) {
      expect({ path, nullable: schema.nullable }).toEqual({ path, nullable: undefined });
      for (const key of ['oneOf', 'anyOf', 'allOf']) {
        if (schema[key]) expect({ path, key, many: schema[key].length > 1 }).toEqual({ path, key, many: true });
      }
    }
    const { properties } = document.components.schemas.AppointmentView;
    expect(properties).toMatchObject({
      id: { format: 'uuid' },
      startDateTime: { format: 'date-time' },
      version: { type: 'integer' },
      status: { $ref: '#/components/schemas/AppointmentStatus' },
    });
  });

  it('has a format for every id, instant and address', () => {
    const wanted: [RegExp, string][] = [
      [/(^id|[a-z]Ids?)$/, 'uuid'],
      [/[a-z](At|DateTime)$/, 'date-time'],
      [/^email$/, 'email'],
    ];
    // Except ids of other systems, and the numbers of the mobile client.
    const others =
      /^\/components\/schemas\/(AuditLogView\/properties\/requestId$|(Mobile\w+|CheckoutView|VerifyPayment|ModelView|ParkedEventView|NotificationLogView|\w+Failure)\/)/;
    for (const { path, schema } of schemasIn(document)) {
      const name = path.split('/').at(-1) as string;
      const format = wanted.find(([pattern]) => pattern.test(name))?.[1];
      if (!format || !path.includes('/properties/') || others.test(path)) continue;
      const text = schema.items ?? schema;
      expect({ path, format: text.format }).toEqual({ path, format });
    }
  });

  it('has schemas for the details of errors, with an example of other free times', () => {
    const { schemas, responses } = document.components;
    expect(schemas.ConflictDetails.properties.alternatives.items).toEqual({
      $ref: '#/components/schemas/AlternativeSlot',
    });
    expect(responses.Conflict.content['application/json'].example.error).toMatchObject({
      code: 'APPOINTMENT_CONFLICT',
      details: { alternatives: [{ startDateTime: expect.any(String) }, {}] },
    });
    expect(schemas.ValidationDetails.items).toEqual({ $ref: '#/components/schemas/FieldError' });
    expect(schemas.ApiFailure.required).toContain('message');
  });

  it('has the authentication of every operation', () => {
    const getSecurity = (route: string): unknown =>
      operations.find((known) => known.route === route)?.operation.security;
    expect(getSecurity('POST /api/v1/auth/login')).toEqual([]);
    expect(getSecurity('GET /api/v1/faqs')).toEqual([]);
    expect(getSecurity('GET /api/v1/availability')).toEqual([{}, { bearer: [] }]);
    expect(getSecurity('GET /api/v1/doctors')).toEqual([{}, { bearer: [] }]);
    expect(getSecurity('POST /api/v1/appointments')).toEqual([{ bearer: [] }]);
    expect(getSecurity('POST /api/v1/auth/refresh')).toEqual([{}, { refreshCookie: [], csrfToken: [] }]);
    for (const { route, operation } of operations) {
      expect({ route, security: Array.isArray(operation.security) }).toEqual({ route, security: true });
      const isOpen = operation.security.length === 0 || operation.security.some((way: object) => !Object.keys(way)[0]);
      if (!isOpen) expect(Object.keys(operation.responses)).toContain('401');
    }
    expect(document.servers.length).toBeGreaterThan(0);
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      refreshCookie: { type: 'apiKey', in: 'cookie' },
      csrfToken: { type: 'apiKey', in: 'header', name: 'X-CSRF-Token' },
    });
  });

  it('describes every tag, Auth and booking first', () => {
    const names = document.tags.map(({ name }: { name: string }) => name);
    expect(names.slice(0, 5)).toEqual(['Auth', 'Appointments', 'Availability', 'Doctors', 'Services']);
    for (const tag of document.tags) expect(tag).toMatchObject({ description: expect.stringMatching(/^.+\.$/) });
    const used = new Set(operations.flatMap(({ operation }) => operation.tags));
    expect([...used].sort()).toEqual([...names].sort());
  });

  it('has only examples that can work: ids of the demo data, and future days', () => {
    const examples: string[] = [];
    JSON.stringify(document, (key, value: unknown) => {
      if (key === 'example' || key === 'examples') examples.push(JSON.stringify(value));
      return value;
    });
    const found = examples.join('\n');
    for (const [id] of found.matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g)) {
      expect(id).toMatch(/^01900000-0000-7000-8000-/);
    }
    for (const [day] of found.matchAll(/20\d\d-\d\d-\d\d/g)) expect(day).toMatch(/^203/);
    expect(found).not.toMatch(/overrideHours|hassan"\]/);
  });
});
