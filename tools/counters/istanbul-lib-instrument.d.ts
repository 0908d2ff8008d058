declare module 'istanbul-lib-instrument' {
  export interface Instrumenter {
    instrumentSync(code: string, filename: string): string;
    lastFileCoverage(): unknown;
  }
  export function createInstrumenter(options: {
    esModules: boolean;
    compact: boolean;
    parserPlugins: string[];
  }): Instrumenter;
}
