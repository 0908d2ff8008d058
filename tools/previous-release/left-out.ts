/** The specs of `test/integration` that `npm run test:previous` leaves out, by reason. */
export const LEFT_OUT: Record<string, string[]> = {
  'compare the schema or a page about it with the migrations of their own release': [
    'schema.spec.ts',
    'upgrades.spec.ts',
    'er-diagram.spec.ts',
  ],
  // database-log.spec.ts also has a PostgreSQL of its own.
  'run the migrations of their own release on an empty database': [
    'account-migration.spec.ts',
    'account-links-migration.spec.ts',
    'database-log.spec.ts',
  ],
  'use no database': [
    'agents.spec.ts',
    'blobs.spec.ts',
    'channels.spec.ts',
    'chat-model.spec.ts',
    'compose.spec.ts',
    'config.spec.ts',
    'dicom-threads.spec.ts',
    'documented-tests.spec.ts',
    'models.spec.ts',
    'webhook-client.spec.ts',
  ],
};

/** Single tests that it leaves out, by their names. A new previous release usually needs another list. */
export const LEFT_OUT_TESTS: Record<string, string> = {
  'has every binary column of the database that is not a hash':
    'compares the columns of the database with those of its own release (key-rotation.spec.ts)',
  'an older change of clinics or records that arrives later is ignored, also at the next start':
    'compares ids in the order in which PostgreSQL returned them; corrected since (live-sessions.spec.ts)',
};
