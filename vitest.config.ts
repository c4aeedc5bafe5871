import { defineConfig } from 'vitest/config'

// Two kinds of test. `unit` is pure and starts nothing, so that it can run at every save; `real` gets a Postgres and a
// NATS of its own, started once for all its files. Tests wait for facts and are never retried: one that fails at times
// has found something.
export default defineConfig({
  test: {
    passWithNoTests: false,
    // The servers of `real` get this long to go away.
    teardownTimeout: 20_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{libs,services}/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'deploy/test/**/*.test.ts'],
          exclude: ['**/*.int.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          // Pure tests leave nothing behind for the next file; a process for each would cost more than they do.
          isolate: false,
          testTimeout: 10_000,
          expect: { requireAssertions: true },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'real',
          include: [
            '{libs,services}/*/test/**/*.int.test.ts',
            'scripts/**/*.int.test.ts',
            'deploy/test/**/*.int.test.ts',
            'e2e/**/*.test.ts',
          ],
          globalSetup: ['libs/testkit/src/global-setup.ts'],
          pool: 'forks',
          // One more than two cores: several files wait for the next full minute or for a lease to lapse.
          maxWorkers: 3,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: { requireAssertions: true },
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
