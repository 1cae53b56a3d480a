/** A parsed `if:` or `only:variables` expression. Plain data: patterns are kept as text and compiled when they are used. */
export type Expression =
  | { readonly kind: 'variable'; readonly name: string }
  /** `$[[ inputs.name ]]`, which only input rules may use. */
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  /** `/re/flags` with every `\/` already turned into `/`, as GitLab keeps it. */
  | { readonly kind: 'pattern'; readonly source: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: Operator
      readonly left: Expression
      readonly right: Expression
    }

export type Operator = '==' | '!=' | '=~' | '!~' | '&&' | '||'

/** Why a text is no expression: GitLab's own (internal) message, and the offset for a caret. */
export interface ExpressionError {
  readonly message: string
  readonly at: number
  /** What RE2 says about a pattern that does not compile. */
  readonly help?: string
}

/** Lower binds tighter. GitLab: `Lexeme::*.precedence`; all four comparisons share one level. */
export const PRECEDENCE: Readonly<Record<Operator, number>> = {
  '==': 10,
  '!=': 10,
  '=~': 10,
  '!~': 10,
  '&&': 11,
  '||': 12,
}
