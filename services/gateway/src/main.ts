import { runProcess } from '@strait/service-kit/run-process'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

await runProcess({ name: 'gateway', config: readConfig(process.env), create: createApp })
