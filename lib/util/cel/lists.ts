// What Kubernetes' expressions can do with lists: sort, sum, extremes, places of items, and lists as sets.
import type { Environment } from '@marcbachmann/cel-js'
import type { Budget } from './budget.ts'

type Scalar = string | number | bigint | boolean | Date
type Spend = Budget['spend']

/** isSorted, sum, min, max, indexOf, lastIndexOf; sets.contains, sets.equivalent, sets.intersects. */
export function registerLists(environment: Environment, spend: Spend): void {
  const spent = <T>(list: readonly T[]): readonly T[] => {
    spend(list.length)
    return list
  }
  environment
    .registerFunction('list<A>.isSorted(): bool', (list: Scalar[]) =>
      spent(list).every((item, at) => at === 0 || list[at - 1]! <= item),
    )
    .registerFunction('list<A>.sum(): A', (list: Scalar[]) => sum(spent(list)))
    .registerFunction('list<A>.min(): A', (list: Scalar[]) => extreme('min', spent(list)))
    .registerFunction('list<A>.max(): A', (list: Scalar[]) => extreme('max', spent(list)))
    .registerFunction('list<A>.indexOf(A): int', (list: unknown[], item: unknown) =>
      BigInt(spent(list).findIndex((one) => isEqual(one, item))),
    )
    .registerFunction('list<A>.lastIndexOf(A): int', (list: unknown[], item: unknown) =>
      BigInt(spent(list).findLastIndex((one) => isEqual(one, item))),
    )
  registerSets(environment, spend)
}

function sum(list: readonly Scalar[]): Scalar {
  const [first] = list
  if (first === undefined || typeof first === 'bigint')
    return list.reduce<bigint>((total, item) => total + (item as bigint), 0n)
  if (typeof first !== 'number') throw new Error('sum called on a list of no numbers')
  return list.reduce<number>((total, item) => total + (item as number), 0)
}

function extreme(name: 'min' | 'max', list: readonly Scalar[]): Scalar {
  const [first, ...rest] = list
  if (first === undefined) throw new Error(`${name} called on empty list`)
  return rest.reduce(
    (best, item) => ((name === 'min' ? item < best : item > best) ? item : best),
    first,
  )
}

class Sets {}

function registerSets(environment: Environment, spend: Spend): void {
  const includes = (list: readonly unknown[], item: unknown): boolean => {
    spend(list.length)
    return list.some((one) => isEqual(one, item))
  }
  const contains = (list: readonly unknown[], part: readonly unknown[]): boolean =>
    part.every((item) => includes(list, item))
  const method = (name: string): string => `Sets.${name}(list<A>, list<A>): bool`
  environment
    .registerType('Sets', Sets)
    .registerConstant('sets', 'Sets', new Sets())
    .registerFunction(method('contains'), (_: Sets, left: unknown[], right: unknown[]) =>
      contains(left, right),
    )
    .registerFunction(method('equivalent'), (_: Sets, left: unknown[], right: unknown[]) => {
      return contains(left, right) && contains(right, left)
    })
    .registerFunction(method('intersects'), (_: Sets, left: unknown[], right: unknown[]) =>
      right.some((item) => includes(left, item)),
    )
}

/** Do two values mean the same? A whole number equals the same number with a fraction of zero. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  const isNumeric = (value: unknown): boolean =>
    typeof value === 'number' || typeof value === 'bigint'
  // eslint-disable-next-line eqeqeq
  if (isNumeric(left) && isNumeric(right)) return (left as number) == (right as number)
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return false
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime()
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>]
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  )
}
