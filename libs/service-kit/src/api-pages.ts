import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Pages } from './rpc/pages.ts'

/** What a public origin serves about its API: the OpenAPI document of REST. */
export function apiPages(): Pages {
  const file = fileURLToPath(import.meta.resolve('@strait/contracts/openapi.json'))
  return new Map([['/openapi.json', { type: 'application/json', body: readFileSync(file) }]])
}
