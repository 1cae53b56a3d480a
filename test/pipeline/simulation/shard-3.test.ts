import { simulationShard } from './shard.ts'

simulationShard(3_000_000)
