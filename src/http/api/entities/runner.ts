/** The runner inside this process, in GitLab's words: one for all projects. */
export const LOCAL_RUNNER = {
  id: 1,
  description: 'local',
  ip_address: null,
  active: true,
  paused: false,
  is_shared: true,
  runner_type: 'instance_type',
  name: 'sluice',
  online: true,
  status: 'online',
} as const
