// What an expression rests on: the free names in it, and the steps whose outcomes it reads. The tree is walked with a list of what is
// still to be seen and not by recursion, so that its depth costs no stack; evaluating it does, and so the depth is bounded too.

import { type Expr, partsOf } from './expression-parts.ts'
import { callProblem } from './functions.ts'

/** A name in an expression, and at which character, counted from 1. */
export interface NameUse {
  readonly name: string
  readonly at: number
}

/** What an expression rests on. */
export interface Uses {
  /** Names that the expression does not bind itself, each once; `steps` is not among them. */
  readonly names: readonly NameUse[]
  /** The `ref`s of the steps whose output or status it reads, each once. */
  readonly steps: readonly NameUse[]
}

/** Of operations inside each other: what evaluates the tree goes down it by recursion. */
const maxDepth = 200
const maxProblems = 5
const minInt64 = -(2n ** 63n)
const maxInt64 = 2n ** 63n - 1n
const maxUint64 = 2n ** 64n - 1n
const outcomes: ReadonlySet<string> = new Set(['output', 'status'])
// What stands for a type, as in `type(payload.n) == int`.
const typeNames: ReadonlySet<string> = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
])

interface Place {
  readonly expr: Expr | undefined
  readonly bound: ReadonlySet<string>
  readonly depth: number
}

/** Walks an expression. `positions` says where each of its parts begins. */
export function findUses(
  root: Expr,
  positions: Readonly<Record<string, number>>,
): Uses & { readonly problems: readonly string[] } {
  const names = new Map<string, number>()
  const steps = new Map<string, number>()
  const problems = new Set<string>()
  const todo: Place[] = [{ expr: root, bound: new Set(), depth: 1 }]
  const placeOf = (expr: Expr) => (positions[String(expr.id)] ?? 0) + 1
  const say = (problem: string) => problems.size < maxProblems && problems.add(problem)

  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    const { expr, bound, depth } = place
    if (expr === undefined) continue
    if (depth > maxDepth)
      return {
        names: [],
        steps: [],
        problems: [`must have at most ${maxDepth} operations inside each other`],
      }
    const at = placeOf(expr)
    const outcome = outcomeRead(expr, bound)
    if (outcome !== undefined) {
      if (!steps.has(outcome.ref)) steps.set(outcome.ref, placeOf(outcome.root))
      continue
    }
    const problem = problemOf(expr)
    if (problem !== undefined) say(`${problem} at character ${at}`)
    if (expr.exprKind.case === 'identExpr') {
      const { name } = expr.exprKind.value
      if (bound.has(name) || typeNames.has(name)) continue
      if (name === 'steps') say(`reads steps at character ${at} other than as steps.<ref>.output or .status`)
      else if (!names.has(name)) names.set(name, at)
    }
    // The last one in is seen first: so what is wrong is told in the order in which it stands.
    for (const [part, also] of partsOf(expr).reverse())
      todo.push({ expr: part, bound: bind(bound, also), depth: depth + 1 })
  }
  return { names: inOrder(names), steps: inOrder(steps), problems: [...problems] }
}

/** The step whose outcome this reads, and where that begins: `steps.<ref>.output`, or with either name in brackets as a plain string. */
function outcomeRead(
  expr: Expr,
  bound: ReadonlySet<string>,
): { readonly ref: string; readonly root: Expr } | undefined {
  const outcome = memberOf(expr)
  const step = outcome?.of === undefined ? undefined : memberOf(outcome.of)
  if (outcome === undefined || step?.of === undefined || !outcomes.has(outcome.name)) return undefined
  const root = step.of
  const { exprKind } = root
  const isSteps = exprKind.case === 'identExpr' && exprKind.value.name === 'steps' && !bound.has('steps')
  return isSteps ? { ref: step.name, root } : undefined
}

function memberOf({ exprKind }: Expr): { readonly of: Expr | undefined; readonly name: string } | undefined {
  if (exprKind.case === 'selectExpr') return { of: exprKind.value.operand, name: exprKind.value.field }
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return undefined
  const [of, index] = exprKind.value.args
  const constant = index?.exprKind.case === 'constExpr' ? index.exprKind.value.constantKind : undefined
  return constant?.case === 'stringValue' ? { of, name: constant.value } : undefined
}

function problemOf({ exprKind }: Expr): string | undefined {
  switch (exprKind.case) {
    case 'constExpr': {
      const { case: kind, value } = exprKind.value.constantKind
      const fits =
        kind === 'int64Value'
          ? value >= minInt64 && value <= maxInt64
          : kind !== 'uint64Value' || value <= maxUint64
      return fits ? undefined : 'has a number that no integer of CEL holds'
    }
    case 'structExpr':
      return exprKind.value.messageName === '' ? undefined : 'makes a message; only maps and lists are known'
    case 'callExpr': {
      const { function: name, target, args } = exprKind.value
      return callProblem(name, target !== undefined, args.length)
    }
    default:
      return undefined
  }
}

function bind(bound: ReadonlySet<string>, also: readonly string[]): ReadonlySet<string> {
  return also.length === 0 ? bound : new Set([...bound, ...also])
}

function inOrder(uses: ReadonlyMap<string, number>): readonly NameUse[] {
  return Array.from(uses, ([name, at]) => ({ name, at })).sort((a, b) => a.at - b.at)
}
