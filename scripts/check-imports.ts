// Who may import whom. `pnpm check` runs it; it names every broken rule with file and line, and why the rule is there.
// The rules are the data in scripts/imports/*-rules.ts.

import { resolve } from 'node:path'
import { dependencyRules } from './imports/dependency-rules.ts'
import { domainRules } from './imports/domain-rules.ts'
import { houseRules } from './imports/house-rules.ts'
import { readTree } from './imports/read-tree.ts'
import type { Finding, Rule } from './imports/rule.ts'
import { testRules } from './imports/test-rules.ts'

export const rules: readonly Rule[] = [...houseRules, ...domainRules, ...dependencyRules, ...testRules]

/** What is broken in the workspace below a folder, by rule; rules that hold are left out. */
export function checkImports(root: string): Map<Rule, Finding[]> {
  const tree = readTree(root)
  const broken = rules.map((rule) => [rule, rule.check(tree)] as const)
  return new Map(broken.filter(([, findings]) => findings.length > 0))
}

function report(broken: Map<Rule, Finding[]>): string {
  const sections = Array.from(broken, ([rule, findings]) => {
    const places = findings.map(({ file, line, what }) => `  ${file}:${line}  ${what}`)
    return [`Broken: ${rule.name}. ${rule.why}`, ...places].join('\n')
  })
  return sections.join('\n\n')
}

if (import.meta.main) {
  const broken = checkImports(resolve(import.meta.dirname, '..'))
  if (broken.size > 0) {
    console.error(report(broken))
    process.exitCode = 1
  }
}
