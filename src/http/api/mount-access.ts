import type { Router } from 'express'
import type { HttpOptions } from '../options.ts'
import { listDeliveries, showDelivery } from './deliveries.ts'
import { replayDelivery, replayPipeline } from './replay-delivery.ts'
import {
  createTrigger,
  listTriggers,
  revokeTrigger,
  showTrigger,
  takeOwnership,
  updateTrigger,
} from './triggers/triggers.ts'
import {
  createAccessToken,
  listAccessTokens,
  revokeAccessToken,
  rotateAccessToken,
  showAccessToken,
} from './users/access-tokens.ts'
import { grantRole, listMembers, showMember, withdrawRole } from './users/members.ts'
import { blockUser, createUser, listUsers, showUser } from './users/users.ts'

/** Who may do what: trigger tokens, their requests, users, roles and access tokens. */
export function mountAccess(router: Router, options: HttpOptions): void {
  router.get('/projects/:id/triggers', listTriggers(options))
  router.post('/projects/:id/triggers', createTrigger(options))
  router.get('/projects/:id/triggers/:trigger_id', showTrigger(options))
  router.put('/projects/:id/triggers/:trigger_id', updateTrigger(options))
  router.delete('/projects/:id/triggers/:trigger_id', revokeTrigger(options))
  router.post('/projects/:id/triggers/:trigger_id/take_ownership', takeOwnership(options))
  router.get('/projects/:id/trigger_requests', listDeliveries(options))
  router.get('/projects/:id/trigger_requests/:request_id', showDelivery(options))
  router.post('/projects/:id/trigger_requests/:request_id/replay', replayDelivery(options))
  router.post('/projects/:id/pipelines/:pipeline_id/replay', replayPipeline(options))
  router.get(['/projects/:id/members', '/projects/:id/members/all'], listMembers(options))
  router.post('/projects/:id/members', grantRole(options, 201))
  router.get(['/projects/:id/members/:user_id', '/projects/:id/members/all/:user_id'], showMember(options))
  router.put('/projects/:id/members/:user_id', grantRole(options, 200))
  router.delete('/projects/:id/members/:user_id', withdrawRole(options))
  router.get('/users', listUsers(options))
  router.post('/users', createUser(options))
  router.get('/users/:user_id', showUser(options))
  router.post('/users/:user_id/block', blockUser(options, true))
  router.post('/users/:user_id/unblock', blockUser(options, false))
  router.post(
    ['/users/:user_id/personal_access_tokens', '/user/personal_access_tokens'],
    createAccessToken(options),
  )
  router.get('/personal_access_tokens', listAccessTokens(options))
  router.get('/personal_access_tokens/:token_id', showAccessToken(options))
  router.delete('/personal_access_tokens/:token_id', revokeAccessToken(options))
  router.post('/personal_access_tokens/:token_id/rotate', rotateAccessToken(options))
}
