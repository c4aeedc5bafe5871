// What a job may call, decided when it is saved: syntax, literal addresses and names that can only mean one. Names are
// resolved, and their addresses checked again, when the call is made.

import { type AllowList, checkLiteralHost } from '@strait/egress/address'
import { checkUrl } from '@strait/egress/url-syntax'
import type { TargetProblem } from './domain/jobs/check-call.ts'

/** The rule of a deployment, which allows these addresses beside public ones. */
export function createTargetProblem(allow: AllowList): TargetProblem {
  return (text) => {
    // How long a URL of a job may be is a rule of jobs, in characters.
    const syntax = checkUrl(text, { maxLength: text.length })
    if (!syntax.ok) return syntax.reason
    const host = checkLiteralHost(syntax.url, allow)
    return host.ok ? undefined : host.reason
  }
}
