import { readFileSync } from 'node:fs';

interface Document {
  paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>>;
}

/** The routes that need an access token, from the API document: `GET /api/v1/users/:id`. */
export function getProtectedRoutes(): string[] {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security = [] }]) =>
      JSON.stringify(security) === '[{"bearer":[]}]' ? `${method.toUpperCase()} ${toExpress(path)}` : [],
    ),
  );
}

const toExpress = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');
