import { simulationShard } from './shard.ts'

simulationShard(1_000_000)
