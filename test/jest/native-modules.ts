import { createHash } from 'node:crypto';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AsyncTransformer, TransformOptions } from '@jest/transform';
import { builtPath } from '../../tools/test-build.js';

/**
 * A Jest transformer that makes a module re-export the same module as Node loads it. Jest's own loader evaluates every
 * module anew for each spec file, without V8's code cache: for the whole application that takes seconds.
 */
const transformer: AsyncTransformer = {
  // Loads the module instead of parsing the source, because the source does not contain the names of `export *`.
  getCacheKeyAsync: async (_source, path, options) =>
    createHash('sha256')
      .update(await reexport(path, options))
      .digest('hex'),
  processAsync: async (_source, path, options) => ({ code: await reexport(path, options) }),
};

async function reexport(path: string, { config }: TransformOptions): Promise<string> {
  const file = path.endsWith('.ts') ? resolve(config.rootDir, builtPath(relative(config.rootDir, path))) : path;
  const url = pathToFileURL(file).href;
  const { default: standard, ...named } = (await import(url)) as Record<string, unknown>;
  return [
    `const module = await importNatively(${JSON.stringify(url)});`,
    `export const { ${Object.keys(named).join(', ')} } = module;`,
    ...(standard === undefined ? [] : ['export default module.default;']),
  ].join('\n');
}

export default transformer;
