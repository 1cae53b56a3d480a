import { simulationShard } from './shard.ts'

simulationShard(4_000_000)
