import type { Request, Response } from 'express';
import { pageHeaders } from '../../core/http/bare.js';
import type { Page } from '../../core/http/page.js';

/** Sets the headers of the next page for a list inside an object; the adapter sets them only for plain lists. */
export function setPageHeaders(request: Request, response: Response, page: Page<unknown>): void {
  for (const [name, value] of pageHeaders(request, page)) response.setHeader(name, value);
}
