import type { RequestHandler } from 'express'
import { html } from './html-reply.ts'
import { Layout } from './layout.tsx'
import { projectRoute, type WebContext } from './page-route.tsx'
import { deliveriesPath, pipelinesPath, schedulesPath, triggersPath, variablesPath } from './paths.ts'

/** `/-/settings/ci_cd`: where GitLab has variables and triggers. Its anchors lead to the pages that have them here. */
export function settingsPage(context: WebContext): RequestHandler {
  return projectRoute(
    context,
    ({ frame, project }) => {
      const sections = [
        { id: 'js-cicd-variables-settings', text: 'Variables', href: variablesPath(project.name) },
        { id: 'js-pipeline-triggers', text: 'Pipeline trigger tokens', href: triggersPath(project.name) },
        { id: 'deliveries', text: 'Trigger requests', href: deliveriesPath(project.name) },
        { id: 'schedules', text: 'Pipeline schedules', href: schedulesPath(project.name) },
      ]
      const page = (
        <Layout
          title={`CI/CD settings · ${project.name}`}
          frame={frame}
          crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
        >
          <h1>CI/CD settings</h1>
          {sections.map(({ id, text, href }) => (
            <h2 id={id} key={id}>
              <a href={href}>{text}</a>
            </h2>
          ))}
        </Layout>
      )
      return html(200, { page, nonce: null })
    },
    'maintainer',
  )
}
