import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Says, as a program does, whether a generated page is what it should be, or makes it so: `--check` only compares. */
export async function keepPage(
  root: string,
  page: string,
  program: string,
  render: () => Promise<string>,
): Promise<void> {
  const wanted = await render()
  const line = firstDifference(readPage(root, page), wanted)
  if (line === undefined) return
  if (process.argv.includes('--check')) {
    console.error(`${page}:${line}  is not what the code says; run \`node ${program}\``)
    process.exitCode = 1
  } else {
    writeFileSync(join(root, page), wanted)
    console.log(`wrote ${page}`)
  }
}

/** The text of a page; empty when there is none. */
export function readPage(root: string, page: string): string {
  const file = join(root, page)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** The line, from 1, on which two texts begin to differ; undefined when they are the same. */
export function firstDifference(a: string, b: string): number | undefined {
  if (a === b) return undefined
  const [left, right] = [a.split('\n'), b.split('\n')]
  const index = left.findIndex((text, i) => text !== right[i])
  return (index < 0 ? left.length : index) + 1
}
