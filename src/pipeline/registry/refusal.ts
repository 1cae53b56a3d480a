/** Why an administrative change was not made; `message` is a sentence that may be shown to whoever asked. */
export interface RegistryRefusal {
  readonly reason: 'not_found' | 'declared' | 'taken' | 'invalid' | 'too_many'
  readonly message: string
}

export const declared = (what: string, place: string): RegistryRefusal => ({
  reason: 'declared',
  message: `${what} is declared in ${place === '' ? 'the configuration' : place}; change it there`,
})
