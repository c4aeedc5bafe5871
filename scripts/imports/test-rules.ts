// What a test may not do: be left out, or wait for time instead of a fact.

import { noCode, type Rule } from './rule.ts'

export const testRules: readonly Rule[] = [
  {
    name: 'every test runs',
    why: 'A test that is left out, or leaves the others out, is a promise that nobody checks.',
    check: noCode(
      (file) => file.isTest,
      [/\b(?:test|it|describe|suite)(?:\s*\.\s*\w+)*?\s*\.\s*(?:only|skip|skipIf|runIf|todo|fails)\b/g],
    ),
  },
  {
    name: 'tests wait for facts',
    why: 'A sleep is too short on a busy machine and too long on every other one. A stand-in that must answer late takes its delay from libs/testkit, the one place that may have a timer.',
    check: noCode(
      (file) => file.isTest,
      [/(?<![.\w$])(?:sleep|setTimeout|setInterval)\s*\(/g, /\bscheduler\s*\.\s*wait\s*\(/g],
    ),
  },
]
