import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Page } from './doc-rule.ts'

const fence = /^\s*(?:```|~~~)/

/** Every Markdown file below a folder; dot folders and node_modules are no part of it. */
export function readPages(root: string, dir = ''): Page[] {
  const entries = readdirSync(join(root, dir), { withFileTypes: true })
  return entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .flatMap((entry) => {
      const path = posix.join(dir, entry.name)
      if (entry.isDirectory()) return readPages(root, path)
      return path.endsWith('.md') ? [readPage(root, path)] : []
    })
}

function readPage(root: string, path: string): Page {
  const text = readFileSync(join(root, path), 'utf8')
  let fenced = false
  const lines = text.split('\n').map((line) => {
    const isFence = fence.test(line)
    if (isFence) fenced = !fenced
    return fenced || isFence ? '' : line
  })
  return { path, text, lines }
}

/** The names under which a page's headings can be linked to, as GitHub makes them. */
export function anchorsOf({ lines }: Page): Set<string> {
  const anchors = new Set<string>()
  for (const line of lines) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    let name = slug
    for (let again = 1; anchors.has(name); again++) name = `${slug}-${again}`
    anchors.add(name)
  }
  return anchors
}
