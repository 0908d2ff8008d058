import { Injectable } from '@nestjs/common';
import type { FormHandling, OperationOptions } from './operation-options.js';
import { RouteCheck } from './route-check.js';

interface BodyRoute extends Pick<OperationOptions, 'form' | 'rawBody'> {
  method: string;
  pattern: RegExp;
}

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
const MULTIPART = /^multipart\/form-data\b/i;

/** The routes whose bodies are read in another way than JSON: as a form (`form` of @Operation), or with their bytes (`rawBody`). */
@Injectable()
export class BodyRoutes {
  private routes?: BodyRoute[];

  constructor(private readonly routeCheck: RouteCheck) {}

  /** @returns how the route handles the form; null if the body is not a form, or the route does not accept this type */
  getFormHandling(method: string, path: string, contentType: string): FormHandling | null {
    if (!FORM.test(contentType)) return null;
    const form = this.find(method, path).find((route) => route.form)?.form ?? null;
    return form === 'STREAMED' && !MULTIPART.test(contentType) ? null : form;
  }

  /** Whether the route needs the bytes of its JSON body. */
  keepsRawBody(method: string, path: string): boolean {
    return this.find(method, path).some((route) => route.rawBody);
  }

  private find(method: string, path: string): BodyRoute[] {
    this.routes ??= this.routeCheck.routes().flatMap((route) => {
      const { form, rawBody } = route.operation;
      return form || rawBody ? [{ method: route.method, pattern: toPattern(route.path), form, rawBody }] : [];
    });
    return this.routes.filter((route) => route.method === method && route.pattern.test(path));
  }
}

/** Upper and lower case are equal, as in express's router. */
const toPattern = (path: string): RegExp => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}/?$`, 'i');
