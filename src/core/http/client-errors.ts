import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { newContext, runInContext } from '../context/request-context.js';
import { DomainError, ERROR_STATUS } from '../kernel/domain-error.js';
import { newId } from '../kernel/id.js';
import { failureEnvelope } from './failure-envelope.js';

const HEADERS_TOO_LARGE = 431;

/** Answers requests that Node's HTTP parser refuses, such as those with an invalid header, with the failure envelope. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const [status, failure] = toFailure(error.code);
    const context = newContext({ requestId: newId() });
    const body = JSON.stringify(runInContext(context, () => failureEnvelope(failure)));
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        'Connection: close',
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        '',
        body,
      ].join('\r\n'),
    );
  });
}

function toFailure(code: string | undefined): [status: number, error: DomainError] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [HEADERS_TOO_LARGE, new DomainError('PAYLOAD_TOO_LARGE', 'The headers are too large.')];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [ERROR_STATUS.REQUEST_TIMEOUT, new DomainError('REQUEST_TIMEOUT', 'The request did not arrive in time.')];
    default:
      return [ERROR_STATUS.MALFORMED_JSON, new DomainError('MALFORMED_JSON', 'The request could not be read.')];
  }
}
