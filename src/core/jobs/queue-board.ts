import { createBullBoard } from '@bull-board/api';
import { BullAdapter } from '@bull-board/api/bullAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '../kernel/domain-error.js';
import type { ErrorFilter } from '../http/error.filter.js';
import { JobQueues } from './job-queues.js';
import { QueueBoardSession, BOARD_PATH } from './queue-board-session.js';

/** The Content-Security-Policy of the board, whose page has inline scripts and styles. */
const BOARD_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** The page for browsers without the board's cookie. */
export interface SignInPage {
  html: string;
  contentSecurityPolicy: string;
}

/**
 * Installs the board of Bull's queues, for users with the board's cookie (QueueBoardSession). A browser without the cookie gets a
 * page to sign in, which the feature that signs users in provides. Jobs contain only ids.
 */
export function installQueueBoard(app: NestExpressApplication, errors: ErrorFilter, signIn: SignInPage): void {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(BOARD_PATH);
  const queues = app.get(JobQueues).all.map((queue) => new BullAdapter(queue));
  createBullBoard({ queues, serverAdapter: adapter });
  const session = app.get(QueueBoardSession);
  const admit = (request: Request, response: Response, next: NextFunction): void => {
    if (!session.isValid(request.headers.cookie)) {
      if (isPage(request)) {
        sendPage(response, signIn);
        return;
      }
      const refusal = new DomainError(
        'UNAUTHENTICATED',
        `An ADMIN opens the board: POST /api/v1/ops/queue-board first.`,
      );
      errors.send(refusal, request, response);
      return;
    }
    response.setHeader('Content-Security-Policy', BOARD_POLICY);
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
  app.use(BOARD_PATH, admit, adapter.getRouter());
}

/** Whether a browser requests a page. Otherwise the board's script requests data. */
const isPage = ({ method, headers }: Request): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html');

function sendPage(response: Response, { html, contentSecurityPolicy }: SignInPage): void {
  response.statusCode = 401;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Security-Policy', contentSecurityPolicy);
  response.setHeader('Cache-Control', 'no-store');
  response.end(html);
}
