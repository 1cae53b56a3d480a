/** What `sluice` alone prints: five ways on. */
export function shortHelp(version: string): string {
  return `Sluice ${version}: GitLab CI pipelines on this machine.

  sluice run             the pipeline of this repository, as the working tree is now
  sluice list            the jobs that it would run; --all also the others, with why
  sluice lint            all mistakes of the CI file, with their places
  sluice serve           the daemon: GitLab's trigger API, and pages
  sluice demo            see it work, on two small projects of its own

Every command explains itself: sluice run --help
`
}
