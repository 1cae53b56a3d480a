import type { CheckoutFlags } from './run-checkout.ts'

/** Which pipeline is looked at: the options that `sluice run` has for it, too. */
export interface SituationFlags extends CheckoutFlags {
  readonly variable: Readonly<Record<string, string>>
  readonly variablesFile?: string
  readonly input: Readonly<Record<string, string>>
  readonly state?: string
}
