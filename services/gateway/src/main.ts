import { runProcess } from '@strait/service-kit/run-process'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { readPages } from './read-pages.ts'

await runProcess({
  name: 'gateway',
  config: readConfig(process.env),
  create: (config, context) => createApp(config, context, { pages: readPages() }),
})
