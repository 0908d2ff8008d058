import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { isUnversioned } from '../../src/core/http/bare.js';
import { TABLE } from './route-role.table.js';

const run = promisify(execFile);

describe('the OpenAPI document', () => {
  it('is the one of the build: run `npm run openapi` where this fails', async () => {
    const { stdout } = await run(process.execPath, ['dist/tools/openapi.js', '--stdout'], {
      maxBuffer: 32 * 1024 * 1024,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(await readFile('openapi.json', 'utf8')));
  });

  it('has every route with a summary, its permission, an answer and its errors, each with an example', async () => {
    const document = JSON.parse(await readFile('openapi.json', 'utf8'));
    const operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
      Object.entries<any>(methods).map(([method, operation]) => ({
        route: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
        operation,
      })),
    );
    expect(operations.map(({ route }) => route).sort()).toEqual(Object.keys(TABLE).sort());
    for (const { route, operation } of operations) {
      expect({ route, summary: operation.summary, description: operation.description }).toMatchObject({
        summary: expect.stringMatching(/.{5}/),
        description: expect.stringMatching(/Permission: /),
      });
      const statuses = Object.keys(operation.responses);
      const bare = isUnversioned(route.split(' ')[1] as string);
      expect({
        route,
        // What it answers, and not what POST would answer by default.
        successes: statuses.filter((status) => status.startsWith('2')).length,
        limited: statuses.includes(bare ? '403' : '429'),
      }).toEqual({ route, successes: 1, limited: true });
      for (const status of statuses.filter((name) => Number(name) >= 400)) {
        if (bare) expect(['400', '401', '403', '404', '500']).toContain(status);
        expect(operation.responses[status].content['application/json'].schema.example).toMatchObject(
          bare ? { error: expect.any(String) } : { success: false },
        );
      }
    }
  });
});
