import { runService } from '@strait/service-kit/run-service'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

await runService({ name: 'notifier', config: readConfig(process.env), createApp })
