// `npm start`: the whole of Strait on this machine, from nothing but Node 20 and npm. Arguments are passed on.

import { join } from 'node:path'
import { launch } from './launcher/launch.mjs'
import { root } from './launcher/toolchain.mjs'

await launch([[join(root, 'services', 'standalone', 'src', 'main.ts'), ...process.argv.slice(2)]])
