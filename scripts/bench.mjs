// `npm run bench -- doors`: measures one scenario of bench/ with the project's own Node.

import { join } from 'node:path'
import { launch } from './launcher/launch.mjs'
import { root } from './launcher/toolchain.mjs'

await launch([[join(root, 'bench', 'main.ts'), ...process.argv.slice(2)]])
