import type { Status } from '../model/status.ts'

interface Transition {
  readonly from: readonly Status[]
  readonly to: Status
}

const beforeRunning: readonly Status[] = [
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
]
const cancelable: readonly Status[] = [...beforeRunning, 'running', 'scheduled', 'manual']

/** GitLab's events of a job (CommitStatus, Ci::Processable, Ci::Build), each with the statuses it leads from and to. */
export const TRANSITIONS: Readonly<Record<string, readonly Transition[]>> = {
  process: [{ from: ['skipped', 'manual'], to: 'created' }],
  enqueue: [
    {
      from: ['created', 'skipped', 'manual', 'scheduled', 'waiting_for_resource', 'preparing'],
      to: 'pending',
    },
    { from: ['created', 'skipped', 'manual', 'scheduled'], to: 'waiting_for_resource' },
    { from: ['created', 'skipped', 'manual', 'scheduled', 'waiting_for_resource'], to: 'preparing' },
  ],
  actionize: [{ from: ['created'], to: 'manual' }],
  schedule: [{ from: ['created'], to: 'scheduled' }],
  unschedule: [{ from: ['scheduled'], to: 'manual' }],
  run: [{ from: ['pending'], to: 'running' }],
  skip: [{ from: ['created', 'waiting_for_resource', 'preparing', 'pending'], to: 'skipped' }],
  success: [
    { from: [...beforeRunning, 'running'], to: 'success' },
    { from: ['canceling'], to: 'canceled' },
  ],
  drop: [
    { from: [...beforeRunning, 'running', 'manual', 'scheduled'], to: 'failed' },
    { from: ['canceling'], to: 'canceled' },
  ],
  cancel: [
    { from: ['running'], to: 'canceling' },
    { from: cancelable, to: 'canceled' },
  ],
  force_cancel: [{ from: ['canceling'], to: 'canceled' }],
  // Ours: a process that died had been given the resource, and meanwhile somebody else may have it.
  give_back: [{ from: ['pending'], to: 'waiting_for_resource' }],
}

const legal = new Set(
  Object.values(TRANSITIONS)
    .flat()
    .flatMap(({ from, to }) => from.map((status) => `${status} ${to}`)),
)

/** Whether some event leads from one status to the other. Bridges are freer: they take the status of another pipeline. */
export function mayGo(from: Status, to: Status): boolean {
  return legal.has(`${from} ${to}`)
}
