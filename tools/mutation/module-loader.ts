import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { runInThisContext } from 'node:vm';
import { transformSync } from '@swc/core';

type Evaluate = (
  module: { exports: unknown },
  exports: unknown,
  require: (name: string) => unknown,
  __filename: string,
) => void;

/**
 * Loads the TypeScript files of the project as CommonJS modules, again and again in one process: a mutant of a constant, for example, has
 * an effect only while its file is loaded. Each file is compiled once; packages are loaded once, by Node.
 */
export class ModuleLoader {
  private readonly compiled = new Map<string, Evaluate>();
  /** The files that each file imports. */
  private readonly imports = new Map<string, Set<string>>();
  private loaded = new Map<string, { exports: unknown }>();

  /** @param replaced the modules that a file gets instead of packages, by name */
  constructor(private readonly replaced: ReadonlyMap<string, unknown>) {}

  load(file: string): unknown {
    const known = this.loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    this.loaded.set(file, module);
    this.compile(file)(module, module.exports, this.requireFor(file), file);
    return module.exports;
  }

  /** The next load evaluates the file again; what it imports stays loaded. */
  unload(file: string): void {
    this.loaded.delete(file);
  }

  unloadAll(): void {
    this.loaded = new Map();
  }

  hasLoaded(file: string): boolean {
    return this.imports.has(file);
  }

  /** Whether a file that was loaded imports another one, also through others. */
  dependsOn(file: string, other: string, seen = new Set<string>()): boolean {
    if (file === other) return true;
    if (seen.has(file)) return false;
    seen.add(file);
    return [...(this.imports.get(file) ?? [])].some((imported) => this.dependsOn(imported, other, seen));
  }

  private requireFor(file: string): (name: string) => unknown {
    const native = createRequire(file);
    const imports = new Set<string>();
    this.imports.set(file, imports);
    return (name) => {
      if (!name.startsWith('.')) return this.replaced.get(name) ?? native(name);
      const path = resolve(dirname(file), name);
      if (!path.endsWith('.js')) return native(name);
      const imported = path.replace(/\.js$/, '.ts');
      imports.add(imported);
      return this.load(imported);
    };
  }

  private compile(file: string): Evaluate {
    const known = this.compiled.get(file);
    if (known) return known;
    const source = readFileSync(file, 'utf8');
    const { code } = transformSync(source, {
      filename: file,
      sourceMaps: 'inline',
      // Who imports a function of a feature does not load the whole feature.
      module: { type: 'commonjs', lazy: file.endsWith('/index.ts') && listImports(source) },
    });
    const evaluate = runInThisContext(
      `(function (module, exports, require, __filename) {${code}\n})`,
      file,
    ) as Evaluate;
    this.compiled.set(file, evaluate);
    return evaluate;
  }
}

const listImports = (source: string): string[] => [...source.matchAll(/ from '([^']+)'/g)].map(([, name = '']) => name);
