import type { PipelineEvent } from '../../model/events.ts'

/** What a stream is made of: asked for the next piece whenever its reader has room, never before. */
export interface Source {
  /** The next piece of text; undefined when there is nothing now. Bounded. */
  next(): string | undefined | Promise<string | undefined>
  /** Whether nothing will ever come again, so that the stream may end. */
  ended(): boolean
  /** Whether an announcement may mean something new. */
  concerns(event: PipelineEvent): boolean
  /** Time has passed: what other processes did is announced to nobody. */
  lookAgain(): void
}
