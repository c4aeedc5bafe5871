// What a container is asked whether it is well: does the service in whose folder it runs want traffic? Its own settings say
// where it is to be asked, so that the port stands in one place. Kubernetes asks by HTTP itself and does not need this.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

interface ConfigFile {
  readonly settings: { readonly opsPort: { readonly env: string; readonly fallback: number } }
}

const file = pathToFileURL(resolve('src/config.ts')).href
const { opsPort } = ((await import(file)) as ConfigFile).settings
const port = process.env[opsPort.env] || opsPort.fallback

try {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })
  if (!answer.ok) process.exitCode = 1
} catch {
  // Nobody listens, or nobody answers.
  process.exitCode = 1
}
