// What an API key may do, as words and as the schema's enum; and what each method asks of its callers.

import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf'
import { access, type Scope, ScopeSchema } from '@strait/contracts/options/v1/options_pb'

/** Every scope as its word, for example `jobs:read`. */
export const scopes: readonly string[] = ScopeSchema.values
  .filter(({ number }) => number !== 0)
  .map(({ number }) => scopeWord(number))

/** The scope that includes every other one of its project. */
export const adminScope = 'admin'

/** The scope of the keys that are bound to no project. It stands alone and no other scope includes it. */
export const deploymentScope = 'deployment'

/** What keys of a project may have. */
export const projectScopes: readonly string[] = scopes.filter((scope) => scope !== deploymentScope)

/** The word of a scope: its name in lower case, the last underscore as a colon. */
export function scopeWord(scope: Scope): string {
  const name = ScopeSchema.value[scope]?.localName.toLowerCase() ?? ''
  return name.replace(/_(?=[a-z]+$)/, ':')
}

/** What a method asks of its callers. */
export type MethodAccess =
  | { readonly who: 'scope'; readonly scope: string }
  | { readonly who: 'service_token' }

/** What a method's schema says of its callers; undefined where it says nothing. */
export function accessOf(method: DescMethod): MethodAccess | undefined {
  if (!hasOption(method, access)) return undefined
  const { who } = getOption(method, access)
  if (who.case === 'scope' && who.value !== 0) return { who: 'scope', scope: scopeWord(who.value) }
  if (who.case === 'serviceToken' && who.value) return { who: 'service_token' }
  return undefined
}
