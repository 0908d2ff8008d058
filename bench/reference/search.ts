import express from 'express';
import jwt from 'jsonwebtoken';
import { ormconfig } from '../../ormconfig.js';
import { createDataSource } from '../../src/core/database/data-source.js';
import { ACCESS_TOKEN, deriveKey, type AccessClaims } from '../../src/core/security/tokens.js';
import type { ClientsQuery } from '../../src/modules/clients/clients.dto.js';
import { plainPatients, toPlainUrl } from '../plain-patients.js';

/** The reference of the search: a bare Express application that sends the same query to plain tables. */

const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const poolSize = Number(env('DATABASE_POOL_SIZE'));
const dataSource = await createDataSource(ormconfig, toPlainUrl(env('DATABASE_URL')), poolSize).initialize();
const { db, patients } = plainPatients(dataSource);
const key = deriveKey(env('JWT_SECRET'), 'access-token');

/** The countries in which a telephone number may be meant: those of the reader's clinics first. */
const COUNTRIES = `
  SELECT country FROM clinic WHERE country IS NOT NULL AND deleted_at IS NULL
  GROUP BY country ORDER BY bool_or(id = ANY ($1::uuid[])) DESC, min(id::text)`;

async function getCountries(q: string, clinicIds: readonly string[]): Promise<string[]> {
  if (q.replace(/\D/g, '').length < 7) return [];
  const rows = await db.rows<{ country: string }>(COUNTRIES, [clinicIds]);
  return rows.map(({ country }) => country);
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.set('query parser', 'simple');

app.get('/health/live', (_request, response) => void response.json({ status: 'ok' }));

app.get('/api/v1/clients', async (request, response) => {
  const { authorization = '' } = request.headers;
  const claims = jwt.verify(authorization.slice('Bearer '.length), key, {
    algorithms: [ACCESS_TOKEN.algorithm],
    issuer: ACCESS_TOKEN.issuer,
    audience: ACCESS_TOKEN.audience,
  }) as unknown as AccessClaims;
  const clinicIds = claims.cls ?? [];
  const actor = { userId: claims.sub, sessionId: '', role: claims.role, clientId: null, doctorId: null, clinicIds };
  const { q = '', limit = '20' } = request.query as Record<string, string>;
  const query: ClientsQuery = { q, limit: Number(limit), sort: 'createdAt', withTotal: false };
  const page = await patients.list(actor, query, clinicIds, await getCountries(q, clinicIds));
  const data = page.items.map((client) => ({
    ...client,
    clinicIds: client.clinicIds.filter((id) => clinicIds.includes(id)),
  }));
  response.json({ success: true, data, message: 'OK', timestamp: new Date().toISOString(), meta: page.meta });
});

const server = app.listen(Number(env('PORT')), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => void dataSource.destroy().then(() => process.exit(0)));
  server.closeAllConnections();
});
