/** Which folder may import which (explained in src/README.md). */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-knows-no-feature',
      severity: 'error',
      from: { path: '^src/core' },
      to: { path: '^(src/modules|migrations|ormconfig)' },
    },
    {
      name: 'no-two-way-dependencies-in-core',
      severity: 'error',
      comment: 'The folders of core depend on each other in one direction, also by types',
      scope: 'folder',
      from: { path: '^src/core/' },
      to: { circular: true },
    },
    {
      name: 'features-through-their-index',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/([^/]+)/', pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/index\\.ts$'] },
    },
    {
      name: 'only-downstream',
      severity: 'error',
      comment: 'core <- users <- clients, auth; core <- users <- clinics, doctors; scheduling <- appointments',
      from: { path: '^src/modules/(users|clients|clinics|doctors|scheduling)/' },
      to: { path: '^src/modules/(appointments|auth)/' },
    },
    {
      name: 'users-stand-on-core',
      severity: 'error',
      from: { path: '^src/modules/users/' },
      to: { path: '^src/modules/(?!(users|account-links)/)' },
    },
    {
      name: 'account-links-stand-on-core',
      severity: 'error',
      from: { path: '^src/modules/account-links/' },
      to: { path: '^src/modules/(?!account-links/)' },
    },
    {
      name: 'typeorm-in-its-place',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '\\.entity\\.ts$',
          '\\.repository\\.ts$',
          '^src/core/database/',
          '^src/core/health/',
          '^src/core/outbox/',
        ],
      },
      to: { path: 'node_modules/typeorm/' },
    },
    {
      name: 'telemetry-in-its-place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/core/observability/(open-telemetry|sentry)\\.ts$' },
      to: { path: 'node_modules/(@opentelemetry|@sentry)/' },
    },
    {
      name: 'telemetry-is-loaded-only-if-configured',
      severity: 'error',
      comment: 'Only import(), so that a process without traces and error reports does not load these libraries',
      from: {},
      to: { path: '^src/core/observability/(open-telemetry|sentry)\\.ts$', dynamic: false },
    },
    {
      name: 'bull-in-its-place',
      severity: 'error',
      comment: 'Services enqueue through JobScheduler, which never waits for Redis (docs/adr/0016)',
      from: { path: '^src/', pathNot: ['^src/core/jobs/', '\\.processor\\.ts$', '\\.module\\.ts$'] },
      to: { path: 'node_modules/(bull|@nestjs/bull|@bull-board)/' },
    },
    {
      name: 'old-rows-in-their-place',
      severity: 'error',
      comment: 'The reads that a replica may answer, one by one, with the reasons in docs/adr/0018',
      from: {
        path: '^src/',
        pathNot: [
          '^src/core/database/',
          '^src/modules/appointments/appointments\\.repository\\.ts$',
          '^src/modules/audit/audit-logs\\.repository\\.ts$',
          '^src/modules/notifications/notifications\\.repository\\.ts$',
          '^src/modules/reports/(day-facts\\.repository|reports\\.service)\\.ts$',
          '^src/modules/exchange/exports/list-reader\\.ts$',
        ],
      },
      to: { path: '^src/core/database/replica-reads\\.ts$' },
    },
    {
      name: 'pure-files-stay-pure',
      severity: 'error',
      from: {
        path: '(\\.policy\\.ts|\\.errors\\.ts|/availability\\.ts|^src/core/kernel/|^src/modules/stroke/(scores|triage|time-windows|texts|language|emergency-number))',
      },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|express)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.spec\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
