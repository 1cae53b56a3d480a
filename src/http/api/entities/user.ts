import type { User } from '../../../model/user.ts'

/** GitLab's stand-in for a user who is gone; here also for the pipelines of a legacy trigger, which runs as nobody. Clients rely on a user being there. */
export const GHOST: User = { id: 0, username: 'ghost', name: 'Ghost User', email: '' }

export function userBasic(user: User, externalUrl: string) {
  return {
    id: user.id,
    username: user.username,
    public_email: '',
    name: user.name,
    state: user.blocked ? 'blocked' : 'active',
    locked: false,
    avatar_url: null,
    web_url: `${externalUrl}/${user.username}`,
  }
}

/** The fuller user of a job. */
export function userProfile(user: User, externalUrl: string) {
  return {
    ...userBasic(user, externalUrl),
    created_at: null,
    bio: '',
    location: '',
    linkedin: '',
    twitter: '',
    discord: '',
    website_url: '',
    organization: '',
    job_title: '',
    pronouns: null,
    bot: false,
    work_information: null,
    local_time: null,
  }
}

/** The user as shown to himself. */
export function currentUser(user: User, externalUrl: string) {
  return {
    ...userProfile(user, externalUrl),
    last_sign_in_at: null,
    confirmed_at: null,
    last_activity_on: null,
    email: user.email,
    commit_email: user.email,
    can_create_group: false,
    can_create_project: false,
    two_factor_enabled: false,
    external: false,
    private_profile: false,
  }
}
