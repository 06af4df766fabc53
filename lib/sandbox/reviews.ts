// Questions about who somebody is and what they may do. In the sandbox everybody is its administrator.
import type { Obj } from './types.ts'

const user = {
  username: 'sandbox-admin',
  uid: 'sandbox-admin',
  groups: ['system:masters', 'system:authenticated'],
}

const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
}

const statuses: Record<string, object> = {
  TokenReview: { authenticated: true, user },
  SelfSubjectReview: { userInfo: user },
  SelfSubjectAccessReview: { allowed: true, reason: 'the sandbox allows everything' },
  SubjectAccessReview: { allowed: true, reason: 'the sandbox allows everything' },
  LocalSubjectAccessReview: { allowed: true, reason: 'the sandbox allows everything' },
  SelfSubjectRulesReview: everything,
}

/** The review with its answer. */
export function answerReview(review: Obj): Obj {
  return { ...review, status: statuses[review.kind] ?? {} }
}
