import type { Project } from '../../model/project.ts'
import { NO_TRIGGER_LIMITS, type Trigger } from '../../model/trigger.ts'
import type { User } from '../../model/user.ts'
import { Action, Ask } from './action.tsx'
import { Field } from './field.tsx'
import { Layout, type Frame } from './layout.tsx'
import { Moment } from './moment.tsx'
import { Pages, type Paging } from './paging.tsx'
import { deliveriesPath, pipelinesPath, queryOf, triggerPath, triggersPath } from './paths.ts'

export interface ListedTrigger {
  readonly trigger: Trigger
  readonly owner: User | undefined
  /** Undefined: no pipeline of it is there any more. */
  readonly uses: number
  readonly state: 'valid' | 'expired' | 'invalid' | 'legacy'
}

interface TriggersPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly triggers: readonly ListedTrigger[]
  readonly paging: Paging
  /** Without trailing slash. */
  readonly externalUrl: string
  /** Whoever is looking: only to an owner the token is shown again. */
  readonly viewerId: number
  /** What stood in the form that was refused. */
  readonly fields: { readonly description: string; readonly expiresAt: string }
}

export function TriggersPage(props: TriggersPageProps) {
  const { frame, project, triggers, paging, fields, externalUrl } = props
  const path = triggersPath(project.name)
  const address = `${externalUrl}/api/v4/projects/${project.id}/trigger/pipeline`
  return (
    <Layout
      title={`Triggers · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
    >
      <h1>Pipeline trigger tokens</h1>
      {triggers.length === 0 && (
        <p class="quiet">
          No trigger yet. With a trigger token a script or another project starts pipelines of this one.
        </p>
      )}
      {triggers.length > 0 && (
        <div class="wide">
          <table aria-label={`Triggers of ${project.name}`}>
            <thead>
              <tr>
                <th scope="col">Token</th>
                <th scope="col">Description</th>
                <th scope="col">Owner</th>
                <th scope="col">Last used</th>
                <th scope="col">Expires</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {triggers.map((each) => (
                <Row key={each.trigger.id} project={project} viewerId={props.viewerId} {...each} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pages {...paging} href={(page) => path + queryOf({ page })} />
      <section aria-labelledby="create">
        <h2 id="create">New trigger token</h2>
        <form class="fields" method="post" action={path}>
          <Field name="description" label="Description" value={fields.description} required />
          <Field
            name="expires_at"
            label="Expires"
            type="date"
            value={fields.expiresAt}
            hint="Optional; at most one year from now."
          />
          <button>Create trigger</button>
        </form>
      </section>
      <section aria-labelledby="use">
        <h2 id="use">Use</h2>
        <p>In place of TOKEN the token, in place of REF a branch or tag:</p>
        <pre>{`curl --request POST --form token=TOKEN --form ref=REF --form "variables[KEY]=value" ${address}`}</pre>
        <p>In a CI file of another project, with the token in a masked variable:</p>
        <pre>{`trigger_${project.name.split('/').at(-1)?.replace(/\W+/g, '_') ?? ''}:\n  script:\n    - curl --fail --request POST --form token=$TRIGGER_TOKEN --form ref=${project.defaultBranch} ${address}`}</pre>
      </section>
    </Layout>
  )
}

type RowProps = ListedTrigger & { readonly project: Project; readonly viewerId: number }

function Row({ project, trigger, owner, uses, state, viewerId }: RowProps) {
  const path = triggerPath(project.name, trigger.id)
  const about = `trigger ${trigger.description || trigger.shortToken}`
  return (
    <tr id={`trigger-${trigger.id}`}>
      <td>
        <code>{trigger.shortToken}</code>
        {state !== 'valid' && <span class="badge manual">{state}</span>}
      </td>
      <th scope="row">
        {trigger.description}
        <Notes trigger={trigger} state={state} />
      </th>
      <td>{owner?.name ?? 'nobody'}</td>
      <td>
        {trigger.lastUsedAt === null ? 'Never' : <Moment at={trigger.lastUsedAt} />}
        {uses > 0 && (
          <>
            {' '}
            <a href={`${deliveriesPath(project.name)}${queryOf({ trigger_id: trigger.id })}`}>
              {uses === 1 ? '1 request' : `${uses} requests`}
            </a>
          </>
        )}
      </td>
      <td>{trigger.expiresAt === null ? 'Never' : <Moment at={trigger.expiresAt} />}</td>
      <td>
        <div class="actions">
          {trigger.ownerId === viewerId && (
            <Action to={`${path}/reveal`} text="Show token" label={`Show the token of ${about}`} />
          )}
          {trigger.ownerId !== viewerId && (
            <Action
              to={`${path}/take_ownership`}
              text="Take ownership"
              label={`Take ownership of ${about}`}
            />
          )}
          <Ask to={`${path}/revoke`} text="Revoke" label={`Revoke ${about}`} confirm="Revoke trigger">
            <p>
              {`Whatever uses the token "${trigger.description}" (${trigger.shortToken}) stops working, for good. `}
              {uses === 0 ? 'No request is known.' : `${uses} of its requests are known.`}
            </p>
          </Ask>
        </div>
      </td>
    </tr>
  )
}

function Notes({ trigger, state }: Pick<ListedTrigger, 'trigger' | 'state'>) {
  const { limits, signed, declaredAt } = trigger
  const narrowed = signed || JSON.stringify(limits) !== JSON.stringify(NO_TRIGGER_LIMITS)
  return (
    <>
      {state === 'legacy' && (
        <p class="legacy">
          Legacy: it has no owner, so it runs as nobody and reaches no other project. Take ownership of it.
        </p>
      )}
      {state === 'invalid' && (
        <p class="legacy">Its owner may no longer start pipelines here, so it is refused.</p>
      )}
      {declaredAt !== null && <p class="hint">{`Declared at ${declaredAt} and changed there.`}</p>}
      {narrowed && (
        <p class="hint">
          {[
            limits.allowedRefs && `refs: ${limits.allowedRefs.join(', ')}`,
            limits.allowedVariables &&
              `variables: ${limits.allowedVariables.map(({ key }) => key).join(', ') || 'none'}`,
            limits.fixedVariables.length > 0 &&
              `fixed: ${limits.fixedVariables.map(({ key }) => key).join(', ')}`,
            limits.allowedNetworks && `from: ${limits.allowedNetworks.join(', ')}`,
            limits.rateLimit !== null && `${limits.rateLimit} a minute`,
            signed && 'signed requests only',
          ]
            .filter(Boolean)
            .join('; ')}
        </p>
      )}
    </>
  )
}
