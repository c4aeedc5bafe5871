/** A service as the process it is in production: `node services/<name>/src/main.ts`. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { type SpawnedProgram, spawnProgram } from './spawn-program.ts'

export interface ServiceOptions {
  readonly service: 'catalog' | 'scheduler' | 'dispatcher' | 'notifier' | 'gateway' | 'standalone'
  readonly env: Readonly<Record<string, string>>
  /** Arguments of the program. */
  readonly args?: readonly string[]
  /** Answers 200 once the service is ready; its ops server's `/readyz` when absent. */
  readonly readyUrl?: string
  readonly readyTimeoutMs?: number
}

export interface SpawnedService extends SpawnedProgram {
  readonly opsUrl: string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Spawns a service and returns when it is ready; throws with its output if it ends before. */
export async function spawnService(options: ServiceOptions): Promise<SpawnedService> {
  const { service, env, args = [], readyTimeoutMs } = options
  const opsPort = env.OPS_PORT ?? String(await freePort())
  const opsUrl = `http://127.0.0.1:${opsPort}`
  const main = join(root, 'services', service, 'src', 'main.ts')
  const spawned = await spawnProgram({
    name: service,
    command: [process.execPath, main, ...args],
    cwd: root,
    env: { OPS_PORT: opsPort, ...env },
    readyUrl: options.readyUrl ?? `${opsUrl}/readyz`,
    ...(readyTimeoutMs !== undefined && { readyTimeoutMs }),
  })
  return Object.assign(spawned, { opsUrl })
}
