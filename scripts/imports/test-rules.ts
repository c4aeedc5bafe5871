// What a test may not do: be left out, or wait for time instead of a fact.

import type { Tree } from './read-tree.ts'
import { eachImport, type Finding, noCode, type Rule } from './rule.ts'

export const testRules: readonly Rule[] = [
  {
    name: 'every test runs',
    why: 'A test that is left out, or leaves the others out, is a promise that nobody checks.',
    check: noCode(
      (file) => file.isTest,
      [
        /\b(?:test|it|describe|suite)(?:\s*\.\s*\w+)*?\s*\.\s*(?:only|skip|skipIf|runIf|todo|fails)\b/g,
        /\b(?:only|skip|todo|fails)\s*:\s*true\b/g,
        /(?<![.\w$])skip\s*\(/g,
        /\b(?:context|ctx)\s*\.\s*skip\b/g,
      ],
    ),
  },
  {
    name: 'tests wait for facts',
    why: 'A sleep is too short on a busy machine and too long on every other one. A stand-in that must answer late takes its delay from libs/testkit, the one place that may have a timer.',
    check: (tree) => [...sleeps(tree), ...timers(tree)],
  },
]

const sleeps = noCode(
  (file) => file.isTest,
  [
    /(?<![.\w$])(?:sleep|setTimeout|setInterval)\s*\(/g,
    /\bglobalThis\s*\.\s*set(?:Timeout|Interval)\b/g,
    /\bscheduler\s*\.\s*wait\s*\(/g,
  ],
)

// Under another name a timer of this module is a sleep that no pattern knows.
const timers: (tree: Tree) => Finding[] = eachImport((file, { specifier }) =>
  file.isTest && /^(?:node:)?timers/.test(specifier) ? `imports ${specifier}` : undefined,
)
