import { ormconfig } from '../../ormconfig.js';
import { createDataSource } from '../../src/core/database/data-source.js';
import type { ClientsQuery } from '../../src/modules/clients/clients.dto.js';
import { plainPatients, toPlainUrl } from '../plain-patients.js';
import { createServer, env, listen, readClaims } from './bare-server.js';

/** The reference of the search: a bare Express application that sends the same query to plain tables. */

const poolSize = Number(env('DATABASE_POOL_SIZE'));
const dataSource = await createDataSource(ormconfig, toPlainUrl(env('DATABASE_URL')), { poolSize }).initialize();
const { db, patients } = plainPatients(dataSource);

/** The countries in which a telephone number may be meant: those of the reader's clinics first. */
const COUNTRIES = `
  SELECT country FROM clinic WHERE country IS NOT NULL AND deleted_at IS NULL
  GROUP BY country ORDER BY bool_or(id = ANY ($1::uuid[])) DESC, min(id::text)`;

async function getCountries(q: string, clinicIds: readonly string[]): Promise<string[]> {
  if (q.replace(/\D/g, '').length < 7) return [];
  const rows = await db.rows<{ country: string }>(COUNTRIES, [clinicIds]);
  return rows.map(({ country }) => country);
}

const app = createServer();

app.get('/api/v1/clients', async (request, response) => {
  const claims = readClaims(request);
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

listen(app, () => dataSource.destroy());
