/** How `sluice variable export` may write variables. */
export const EXPORT_FORMATS = ['env', 'export', 'json'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]
