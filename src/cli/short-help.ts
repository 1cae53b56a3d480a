/** What `sluice` alone prints: five ways on. */
export function shortHelp(version: string): string {
  return `Sluice ${version}: GitLab CI pipelines on this machine.

  sluice run             the pipeline of this repository, as the working tree is now
  sluice run JOB...      only these jobs of it
  sluice logs JOB        the log of a job that ran
  sluice serve           the daemon: GitLab's trigger API, and pages
  sluice demo            see it work, on two small projects of its own

Every command explains itself: sluice run --help
`
}
