import { simulationShard } from './shard.ts'

simulationShard(2_000_000)
