import { err } from '../../shared/result.ts'
import type { TargetReader } from './target.ts'
import { artifactOutside } from './texts.ts'

/** `include:artifact`: only the configuration of a child pipeline may come from a job. */
export const readArtifact: TargetReader = () => err([artifactOutside])
