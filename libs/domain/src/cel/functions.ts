// The functions that expressions may call: those of CEL and of its extension for strings. Whoever checks expressions and whoever
// evaluates them read the same list, so what was accepted can be evaluated.

import { celEnv } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'

/** The environment that expressions are evaluated in, but for its variables. */
export const expressionEnv = celEnv({ funcs: strings })

/** Each function by its name, with how it is called. */
const calls: ReadonlyMap<string, ReadonlySet<string>> = listCalls()

/** Says why there is no such call, or nothing. `isMethod` is whether the function stands behind a dot. */
export function callProblem(name: string, isMethod: boolean, args: number): string | undefined {
  // Operators have names that nobody can write.
  if (!/^[A-Za-z]/.test(name)) return undefined
  const known = calls.get(name)
  if (known === undefined) return `calls the unknown function ${name.slice(0, 64)}`
  if (known.has(spelling(isMethod, args))) return undefined
  const as = isMethod ? 'behind a dot' : 'by itself'
  return `calls ${name} ${as} with ${args} ${args === 1 ? 'argument' : 'arguments'}, which it does not know`
}

function listCalls(): ReadonlyMap<string, ReadonlySet<string>> {
  // These are read by the parser and are in no list; what is left of them as a call was written wrongly.
  const macros = ['has', 'all', 'exists', 'exists_one', 'existsOne', 'map', 'filter']
  const found = new Map<string, Set<string>>(macros.map((name) => [name, new Set()]))
  for (const { name, target, arguments: args } of expressionEnv.funcs) {
    const ways = found.get(name) ?? new Set()
    found.set(name, ways.add(spelling(target !== undefined, args.length)))
  }
  return found
}

function spelling(isMethod: boolean, args: number): string {
  return `${isMethod ? '.' : ''}${args}`
}
