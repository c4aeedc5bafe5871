import type { CronProblem } from '@strait/domain/cron/parse-cron'
import type { Say } from './jobs/job-input.ts'

/** Says what is wrong with an expression: each wrong field of it is a problem of its own and is named in words. */
export function sayCronProblems(field: string, problems: readonly CronProblem[], say: Say): void {
  for (const { field: part, reason } of problems) {
    say(field, part === 'expression' ? reason : `${part.replaceAll('_', ' ')} ${reason}`)
  }
}
