// `npm test`: everything that is checked without running, then every test. Arguments go to vitest: `npm test -- libs/bus`.

import { join } from 'node:path'
import { launch } from './launcher/launch.mjs'
import { root } from './launcher/toolchain.mjs'

await launch([
  [join(root, 'scripts', 'check.ts')],
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)],
])
