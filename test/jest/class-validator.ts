/** For spec files: the package is CommonJS, which native-modules.ts leaves to Jest. */
export * from 'class-validator';
