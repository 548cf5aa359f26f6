import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 30_000, hookTimeout: 30_000, pool: 'forks' as const };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          globalSetup: ['test/scratch-folder.ts'],
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/*.test.ts',
            'test/conformance/**/*.test.ts',
            'test/faults/**/*.test.ts',
          ],
        },
      },
      {
        // these spawn or load the built package
        test: {
          ...shared,
          name: 'built',
          include: [
            'test/bench/**/*.test.ts',
            'test/e2e/**/*.test.ts',
            'test/library/**/*.test.ts',
            'test/tui/**/*.test.ts',
          ],
          globalSetup: ['test/scratch-folder.ts', 'test/global-setup.ts'],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
