// The schema as buf reads it, comments included: the generated code has everything but those.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileRegistry, type DescFile, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { runTool } from '../tools/run-tool.ts'

/** The files below the folder proto/ of a tree that are our own, in the order of their names. */
export async function readSchema(from: string): Promise<readonly DescFile[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'strait-schema-'))
  try {
    const image = join(scratch, 'image.binpb')
    const { code, output } = await runTool(
      'buf',
      ['build', 'proto', '--as-file-descriptor-set', '-o', image],
      {
        cwd: from,
      },
    )
    if (code !== 0) throw new Error(output || `buf build ended with ${code}`)
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)))
    return Array.from(registry.files)
      .filter((file) => file.proto.package.startsWith('strait.'))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
