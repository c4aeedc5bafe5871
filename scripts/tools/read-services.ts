import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DescFile, DescService } from '@bufbuild/protobuf'
import { root } from './run-tool.ts'

const generated = join(root, 'libs/contracts/gen/strait')

/** Every service of ours, as the generated code knows it. */
export async function readServices(): Promise<readonly DescService[]> {
  const services: DescService[] = []
  for (const name of readdirSync(generated, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('_pb.js')) continue
    const module: Record<string, unknown> = await import(pathToFileURL(join(generated, name)).href)
    const file = Object.values(module).find(isFile)
    services.push(...(file?.services ?? []))
  }
  return services
}

function isFile(value: unknown): value is DescFile {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'file'
}
