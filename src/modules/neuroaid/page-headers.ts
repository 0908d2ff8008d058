import type { Request, Response } from 'express';
import { pageHeaders } from '../../core/http/bare.js';
import type { Page } from '../../core/http/page.js';

/** For lists inside of an object, which the adapter does not see: the headers that lead to the next page. */
export function setPageHeaders(request: Request, response: Response, page: Page<unknown>): void {
  for (const [name, value] of pageHeaders(request, page)) response.setHeader(name, value);
}
