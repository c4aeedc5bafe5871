// What a job may call, decided when it is saved: syntax, literal addresses and names that can only mean one. Names are
// resolved, and their addresses checked again, when the call is made.
//
// `{{NAME}}` stands for a variable of the job's environment, in the host, the port, the path or the query. Its value comes
// percent-encoded and only at the call, so what is checked here is that some value makes a legal URL. A host that has one is
// not known yet, and what it may be is checked at the call alone; the parts that are written out have to be legal already.

import { type AllowList, checkLiteralHost } from '@strait/egress/address'
import { narrowAllowList } from '@strait/egress/project-allow'
import { checkUrl } from '@strait/egress/url-syntax'
import type { TargetProblem } from './domain/jobs/check-call.ts'

const template = /\{\{([^{}]*)\}\}/g
const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
/** A value for a part of a name or a path, for a number in an address, and for an address in brackets. */
const standIns = ['x', '1', '::1']

/** The rule of a project. Both the deployment and the project, if it has a list of its own, must allow what is not public. */
export function createTargetProblem(deployment: AllowList, ofProject: readonly string[] = []): TargetProblem {
  const narrowed = narrowAllowList(deployment, ofProject)
  return (text) => {
    const names = Array.from(text.matchAll(template), ([, name = '']) => name)
    if (!names.every((name) => variableName.test(name))) {
      return 'must name variables as {{NAME}}: a letter or underscore, then letters, digits and underscores, 128 at most'
    }
    const [authority = ''] = /^https?:\/\/[^/?#]*/i.exec(text) ?? []
    const checks = standIns.map((value) => checkSyntax(filledIn(text, authority.length, value)))
    const [first] = checks
    const legal = checks.find((check) => check.ok)
    if (legal === undefined || !legal.ok) return first?.ok === false ? first.reason : undefined
    if (authority.includes('{{')) return undefined
    const [both, one] = [checkLiteralHost(legal.url, narrowed), checkLiteralHost(legal.url, deployment)]
    if (both.ok) return undefined
    return one.ok ? `${both.reason} is not in the project's egress_allow` : one.reason
  }
}

/** The text with every variable as one value, save those of the port, which is a number. */
function filledIn(text: string, authorityEnd: number, value: string): string {
  return text.replaceAll(template, (_, __, at: number) => {
    const isPort = at < authorityEnd && /^https?:\/\/(?:\[[^\]]*\]|[^:]*):[^\]]*$/i.test(text.slice(0, at))
    return isPort ? '1' : value
  })
}

/** How long a URL of a job may be is a rule of jobs, in characters. */
function checkSyntax(text: string) {
  return checkUrl(text, { maxLength: text.length })
}
