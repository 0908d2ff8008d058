import { Injectable } from '@nestjs/common';
import type { FormHandling } from './operation-options.js';
import { RouteCheck } from './route-check.js';

interface FormRoute {
  method: string;
  pattern: RegExp;
  handling: FormHandling;
}

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
const MULTIPART = /^multipart\/form-data\b/i;

/** The routes that accept a form as their body (`form` of @Operation), and those that keep the bytes of JSON (`rawBody`). */
@Injectable()
export class FormRoutes {
  private routes?: FormRoute[];
  private rawRoutes?: Pick<FormRoute, 'method' | 'pattern'>[];

  constructor(private readonly routeCheck: RouteCheck) {}

  /** @returns how the route handles the form; null if the body is not a form, or the route does not accept this type */
  getHandling(method: string, path: string, contentType: string): FormHandling | null {
    if (!FORM.test(contentType)) return null;
    this.routes ??= this.find();
    const route = this.routes.find((one) => one.method === method && one.pattern.test(path));
    if (!route) return null;
    return route.handling === 'STREAMED' && !MULTIPART.test(contentType) ? null : route.handling;
  }

  /** Whether the route needs the bytes of its JSON body. */
  keepsRawBody(method: string, path: string): boolean {
    this.rawRoutes ??= this.routeCheck
      .routes()
      .flatMap((route) => (route.operation.rawBody ? [{ method: route.method, pattern: toPattern(route.path) }] : []));
    return this.rawRoutes.some((route) => route.method === method && route.pattern.test(path));
  }

  private find(): FormRoute[] {
    return this.routeCheck
      .routes()
      .flatMap(({ method, path, operation: { form } }) =>
        form ? [{ method, pattern: toPattern(path), handling: form }] : [],
      );
  }
}

/** Upper and lower case are equal, as in express's router. */
const toPattern = (path: string): RegExp => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}/?$`, 'i');
