import { describe } from 'vitest'
import { executorContract } from '../executor-contract.ts'
import { bubblewrap } from '../support/executors.ts'

describe('bubblewrap executor', () => {
  executorContract(bubblewrap)
})
