import type { Ignorer } from '@stryker-mutator/api/ignore';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** Decorators describe tables and requests. Tests of the schema and of routes check them, not unit tests. */
const ignorer: Ignorer = {
  shouldIgnore: (path) =>
    (path as { isDecorator(): boolean }).isDecorator() ? 'Decorators are not tested by unit tests.' : undefined,
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'decorators', ignorer)];
