import { sendRequests, toCheckedResult, type CheckedResult } from './http-load.js';
import { runJob } from './load-process.js';
import { getSamples, SEARCHES, type Search } from './search-people.js';

/** One run of searches over HTTP. */
export interface SearchJob {
  url: string;
  seconds: number;
  connections: number;
  search: Search;
  /** Patients in the database. */
  people: number;
  /** The tokens of the front desks, one for each clinic. */
  tokens: string[];
}

/** Different searches of a run. */
const DISTINCT = 500;

async function run({ url, seconds, connections, search, people, tokens }: SearchJob): Promise<CheckedResult> {
  const requests = getSamples(people, DISTINCT).map((person) => ({
    method: 'GET' as const,
    path: toPath(SEARCHES[search](person)),
    headers: { authorization: `Bearer ${tokens[person.clinic]}` },
  }));
  let connection = 0;
  const answers = await sendRequests({
    url,
    connections,
    duration: seconds,
    timeout: 30,
    setupClient: (client) => {
      const start = (connection++ * 7) % requests.length;
      client.setRequests([...requests.slice(start), ...requests.slice(0, start)].map((request) => ({ ...request })));
    },
  });
  return toCheckedResult(answers, 200);
}

const toPath = (q: string): string => `/api/v1/clients?q=${encodeURIComponent(q)}`;

runJob(run);
