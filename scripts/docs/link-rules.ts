// What a page points at is there: other pages, their headings, and the files it names.

import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { DocRule, Page } from './doc-rule.ts'
import { anchorsOf } from './read-pages.ts'

const link = /(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g
const codeSpan = /`[^`]*`/g
const repositoryPath = /^(?:\.ci|deploy|docs|e2e|libs|proto|scripts|services)\/[\w./@-]+$/

/** Decisions are never rewritten and the changelog tells of the past: both may name what is no longer there. */
const tellsOfThePast = /^(?:docs\/adr\/|CHANGELOG\.md$)/

export const linkRules: readonly DocRule[] = [
  {
    name: 'links lead somewhere',
    why: 'A reader who follows a link of ours must arrive: at a file that is there, and at a heading that it has.',
    check: (root, pages) =>
      pages.flatMap((page) =>
        targetsOf(page).flatMap(({ line, target }) => {
          const problem = problemOf(root, pages, page, target)
          return problem === undefined ? [] : [{ file: page.path, line, what: problem }]
        }),
      ),
  },
  {
    name: 'files that are named exist',
    why: 'A path in backticks sends the reader to a file; when the file moves, the words move with it.',
    check: (root, pages) =>
      pages
        .filter(({ path }) => !tellsOfThePast.test(path))
        .flatMap((page) =>
          namedPaths(page).flatMap(({ line, path }) =>
            existsSync(join(root, path)) ? [] : [{ file: page.path, line, what: `names ${path}` }],
          ),
        ),
  },
]

function targetsOf({ lines }: Page) {
  return lines.flatMap((text, index) =>
    Array.from(text.replace(codeSpan, '').matchAll(link), (match) => ({
      line: index + 1,
      target: match[1] ?? '',
    })),
  )
}

function problemOf(root: string, pages: readonly Page[], page: Page, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined
  if (target.startsWith('/')) return `${target} is a link from the root of a disk`
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page.path : posix.join(posix.dirname(page.path), decodeURI(path))
  if (file.startsWith('../')) return `${target} leads out of the project`
  if (!existsSync(join(root, file))) return `${target} is not there`
  if (anchor === undefined) return undefined
  const linked = pages.find((one) => one.path === file)
  if (linked === undefined) return undefined
  return anchorsOf(linked).has(anchor) ? undefined : `${target}: ${file} has no such heading`
}

function namedPaths({ lines }: Page) {
  return lines.flatMap((text, index) =>
    Array.from(text.matchAll(codeSpan), (match) => match[0].slice(1, -1))
      .filter((path) => repositoryPath.test(path) && !path.includes('...'))
      .map((path) => ({ line: index + 1, path })),
  )
}
