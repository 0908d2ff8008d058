/** The secrets of the tests. The seeded database that tests copy is encrypted with the key. */
export const TEST_SECRETS = {
  JWT_SECRET: 'a-secret-of-the-tests-only-0123456789',
  FIELD_ENCRYPTION_KEYS: 'test:mVE9yNw3q0kQyqQvH5T8n1oW7s2uJxgB4cZrD6fLtPI=',
} as const;
