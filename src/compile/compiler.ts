import { compileWith, type CompileOutcome, type CompileRequest } from './compile.ts'
import { lintDocument, lintWith, type LintOptions, type LintResult } from './lint.ts'
import { planDocument } from './plan-document.ts'

/** What a pipeline is made from. The document itself may have stayed where it was read: something stands for it. */
export type PipelineOutcome = CompileOutcome<unknown>

/** Compiles the CI files of pipelines: here, in a thread, or out of a cache. */
export interface PipelineCompiler {
  compile(request: CompileRequest): Promise<PipelineOutcome>
}

export interface Compiler extends PipelineCompiler {
  /** As GitLab's lint does. */
  lint(request: CompileRequest, options: LintOptions): Promise<LintResult>
  close(): Promise<void>
}

/** Everything on the calling thread. */
export const COMPILER_HERE: Compiler = {
  compile: (request) => compileWith(request, planDocument),
  lint: (request, options) => lintWith(request, options, lintDocument),
  close: () => Promise.resolve(),
}
