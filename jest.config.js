/** Compiled by tools/test.ts before it starts Jest. */
const BUILT = `<rootDir>/.data/${process.env.COVERAGE === 'true' ? 'coverage' : 'test'}-build/test/jest`;

const shared = {
  testEnvironment: `${BUILT}/environment.js`,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.spec\\.ts$': ['@swc/jest', { swcrc: true }],
    // With the packages whose classes a spec file and the application have to share.
    '(\\.ts|/node_modules/(@nestjs|typeorm)/.*)$': `${BUILT}/native-modules.js`,
  },
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|typeorm)/)'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^class-validator$': '<rootDir>/test/jest/class-validator.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
};

export default {
  // Starting a process takes up to twenty seconds on a busy machine.
  testTimeout: 120_000,
  // One more than the cores of a small machine: many tests wait for processes that they started.
  maxWorkers: 3,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/unit/**/*.spec.ts'] },
    { ...shared, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
    // Set by `npm run test:long`.
    ...(process.env.LONG_TESTS === 'true'
      ? [{ ...shared, displayName: 'long', testMatch: ['<rootDir>/test/long/**/*.spec.ts'] }]
      : []),
    // Set by `npm run test:previous`.
    ...(process.env.PREVIOUS_RELEASE
      ? [{ ...shared, displayName: 'previous', testMatch: ['<rootDir>/test/previous/**/*.spec.ts'] }]
      : []),
  ],
};
