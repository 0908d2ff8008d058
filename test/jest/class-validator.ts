/** For spec files: the package is CommonJS, and native-modules.ts leaves CommonJS to Jest. */
export * from 'class-validator';
