// A quota that nothing in a test exceeds, unless the test says so.
import { createCacheQuota, type CacheLimits, type CacheQuota } from '../../lib/edge/quota/quota.ts'
import { fakeClock } from './clock.ts'
import { recordLog } from './log.ts'

const plenty = 1e9

/** Limits that are as wide as nobody needs, but for those that are given. */
export function limitsOf(limits: Partial<CacheLimits> = {}): CacheLimits {
  const all = { archives: plenty, exports: plenty, indexes: plenty, mirrors: plenty }
  return { total: plenty, ...all, ...limits }
}

/** A quota with these limits. */
export function testQuota(
  limits: Partial<CacheLimits> = {},
  { clock = fakeClock(Date.now()), log = recordLog().log } = {},
): CacheQuota {
  return createCacheQuota({ limits: limitsOf(limits), clock, log })
}
