// What an expression is made of.

import type { parse } from '@bufbuild/cel'

/** An expression, or a part of one. */
export type Expr = ReturnType<typeof parse>['expr']

/** The parts of an expression, each with the names that it binds for them. */
export function partsOf({ exprKind }: Expr): (readonly [Expr | undefined, readonly string[]])[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return [[exprKind.value.operand, []]]
    case 'callExpr':
      return [exprKind.value.target, ...exprKind.value.args].map((part) => [part, []] as const)
    case 'listExpr':
      return exprKind.value.elements.map((part) => [part, []] as const)
    case 'structExpr':
      return exprKind.value.entries.flatMap(({ keyKind, value }) => [
        [keyKind.case === 'mapKey' ? keyKind.value : undefined, []] as const,
        [value, []] as const,
      ])
    case 'comprehensionExpr': {
      const { iterRange, accuInit, accuVar, iterVar, loopCondition, loopStep, result } = exprKind.value
      const inside = [accuVar, iterVar]
      return [
        [iterRange, []],
        [accuInit, []],
        [loopCondition, inside],
        [loopStep, inside],
        [result, [accuVar]],
      ]
    }
    default:
      return []
  }
}
