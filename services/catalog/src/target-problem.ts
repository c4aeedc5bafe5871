// What a job may call, decided when it is saved: syntax, literal addresses and names that can only mean one. Names are
// resolved, and their addresses checked again, when the call is made.

import { type AllowList, checkLiteralHost } from '@strait/egress/address'
import { narrowAllowList } from '@strait/egress/project-allow'
import { checkUrl } from '@strait/egress/url-syntax'
import type { TargetProblem } from './domain/jobs/check-call.ts'

/** The rule of a project. Both the deployment and the project, if it has a list of its own, must allow what is not public. */
export function createTargetProblem(deployment: AllowList, ofProject: readonly string[] = []): TargetProblem {
  const narrowed = narrowAllowList(deployment, ofProject)
  return (text) => {
    // How long a URL of a job may be is a rule of jobs, in characters.
    const syntax = checkUrl(text, { maxLength: text.length })
    if (!syntax.ok) return syntax.reason
    const [both, one] = [checkLiteralHost(syntax.url, narrowed), checkLiteralHost(syntax.url, deployment)]
    if (both.ok) return undefined
    return one.ok ? `${both.reason} is not in the project's egress_allow` : one.reason
  }
}
