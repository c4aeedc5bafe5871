// Whether the pages say what the code does. `pnpm check` runs it; it names every broken rule with file and line, and why the
// rule is there.

import { configurationPage, renderConfiguration } from './config-docs.ts'
import { decisionRule } from './docs/decision-rule.ts'
import { dependencyRule } from './docs/dependency-rule.ts'
import type { DocFinding, DocRule } from './docs/doc-rule.ts'
import { firstDifference, readPage } from './docs/keep-page.ts'
import { linkRules } from './docs/link-rules.ts'
import { readPages } from './docs/read-pages.ts'
import { errorsPage, renderErrors } from './errors-docs.ts'
import { lifecyclePage, renderLifecycle } from './lifecycle-docs.ts'
import { root } from './tools/run-tool.ts'

export const rules: readonly DocRule[] = [
  {
    name: 'the page of settings is what the services read',
    why: 'It is made from their tables: run `node scripts/config-docs.ts`.',
    check: async (from) => compare(from, configurationPage, await renderConfiguration(from)),
  },
  {
    name: "the figure of a run's life is the table of moves",
    why: 'It is drawn from the table: run `node scripts/lifecycle-docs.ts`.',
    check: async (from) => compare(from, lifecyclePage, await renderLifecycle(from)),
  },
  {
    name: 'the page of errors is what the schema says and the doors answer',
    why: 'It is made from the reasons and the tables of codes: run `node scripts/errors-docs.ts`.',
    check: async (from) => compare(from, errorsPage, await renderErrors(from)),
  },
  dependencyRule,
  ...linkRules,
  decisionRule,
]

function compare(from: string, page: string, wanted: string): DocFinding[] {
  const line = firstDifference(readPage(from, page), wanted)
  return line === undefined ? [] : [{ file: page, line, what: 'differs from here on' }]
}

/** What is broken in the pages below a folder, by rule; rules that hold are left out. */
export async function checkDocs(from: string): Promise<Map<DocRule, DocFinding[]>> {
  const pages = readPages(from)
  const findings = await Promise.all(rules.map((rule) => rule.check(from, pages)))
  const broken = rules.map((rule, index) => [rule, findings[index] ?? []] as const)
  return new Map(broken.filter(([, found]) => found.length > 0))
}

function report(broken: Map<DocRule, DocFinding[]>): string {
  const sections = Array.from(broken, ([rule, findings]) => {
    const places = findings.map(({ file, line, what }) => `  ${file}:${line}  ${what}`)
    return [`Broken: ${rule.name}. ${rule.why}`, ...places].join('\n')
  })
  return sections.join('\n\n')
}

if (import.meta.main) {
  const broken = await checkDocs(root)
  if (broken.size > 0) {
    console.error(report(broken))
    process.exitCode = 1
  }
}
