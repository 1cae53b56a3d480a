import { describe } from 'vitest'
import { executorContract } from '../executor-contract.ts'
import { shell } from '../support/executors.ts'

describe('shell executor', () => {
  executorContract(shell)
})
