import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DomainError, ERROR_STATUS } from '../kernel/domain-error.js';

interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** What a process reports; `HealthReport` in an API process or a worker. */
export interface ProbeReport {
  /** @throws DomainError SERVICE_UNAVAILABLE */
  ready(): Promise<object>;
  detailed(): Promise<object>;
  metrics(): Promise<{ body: string; contentType: string }>;
  isMetricsToken(authorization: string | undefined): boolean;
}

/** Serves probes and metrics of a process without an API: `/health/live`, `/health/ready`, `/health/detailed`, `/metrics`. */
export class ProbeServer {
  private readonly server: Server;

  constructor(private readonly report: ProbeReport) {
    this.server = createServer((request, response) => {
      void this.answer(request.method, request.url, request.headers.authorization).then(
        ({ status, contentType, body }) => {
          response.writeHead(status, {
            'Content-Type': contentType,
            'Cache-Control': 'no-store',
            'X-Content-Type-Options': 'nosniff',
          });
          response.end(request.method === 'HEAD' ? undefined : body);
        },
      );
    });
  }

  /** @throws Error if the port is in use. @returns the port; the system chooses one for port 0 */
  async listen(port: number, host: string): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(method = 'GET', url = '/', authorization?: string): Promise<Answer> {
    try {
      if (method !== 'GET' && method !== 'HEAD') {
        throw new DomainError('METHOD_NOT_ALLOWED', 'This method is not used here.');
      }
      return await this.route(url.split('?')[0] ?? '/', authorization);
    } catch (error) {
      const known = error instanceof DomainError ? error : new DomainError('INTERNAL_ERROR', 'The report failed.');
      const { code, message, details = null } = known;
      return json(ERROR_STATUS[code], { success: false, error: { code, message, details } });
    }
  }

  private async route(path: string, authorization: string | undefined): Promise<Answer> {
    switch (path) {
      case '/health/live':
        return success({ status: 'ok' });
      case '/health':
      case '/health/ready':
        return success(await this.report.ready());
      case '/health/detailed':
        this.assertOperator(authorization);
        return success(await this.report.detailed());
      case '/metrics':
        this.assertOperator(authorization);
        return { status: 200, ...(await this.report.metrics()) };
      default:
        throw new DomainError('NOT_FOUND', 'There is no such route.');
    }
  }

  private assertOperator(authorization: string | undefined): void {
    if (!this.report.isMetricsToken(authorization)) {
      throw new DomainError('UNAUTHENTICATED', 'Send the metrics token as the bearer token (METRICS_TOKEN).');
    }
  }
}

const success = (data: object): Answer => json(200, { success: true, data, message: 'OK' });

const json = (status: number, body: object): Answer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify({ ...body, timestamp: new Date().toISOString() }),
});
