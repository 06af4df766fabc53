// Quantities in expressions: quantity('1Gi').isGreaterThan(quantity('500Mi')).
import type { Environment } from '@marcbachmann/cel-js'
import { amountOf, canonicalQuantity } from '../quantity.ts'

const nano = 1_000_000_000n

class Quantity {
  readonly amount: bigint
  constructor(amount: bigint) {
    this.amount = amount
  }
}

/** quantity(), isQuantity() and the methods of Kubernetes' quantity library. */
export function registerQuantities(environment: Environment): void {
  const compare = ({ amount: a }: Quantity, { amount: b }: Quantity): bigint =>
    a < b ? -1n : a > b ? 1n : 0n
  environment
    .registerType('Quantity', Quantity)
    .registerFunction('quantity(string): Quantity', parse)
    .registerFunction('isQuantity(string): bool', (text: string) => amountOf(text) !== undefined)
    .registerOperator('Quantity == Quantity', (a: Quantity, b: Quantity) => a.amount === b.amount)
    .registerFunction('Quantity.sign(): int', ({ amount }: Quantity) =>
      compare(new Quantity(amount), new Quantity(0n)),
    )
    .registerFunction('Quantity.isInteger(): bool', ({ amount }: Quantity) => amount % nano === 0n)
    .registerFunction('Quantity.asInteger(): int', ({ amount }: Quantity) => {
      if (amount % nano !== 0n) throw new Error('cannot convert value to integer')
      return amount / nano
    })
    .registerFunction('Quantity.asApproximateFloat(): double', ({ amount }: Quantity) => {
      return Number(amount) / Number(nano)
    })
    .registerFunction('Quantity.compareTo(Quantity): int', compare)
    .registerFunction(
      'Quantity.isLessThan(Quantity): bool',
      (a: Quantity, b: Quantity) => compare(a, b) < 0n,
    )
    .registerFunction(
      'Quantity.isGreaterThan(Quantity): bool',
      (a: Quantity, b: Quantity) => compare(a, b) > 0n,
    )
  for (const [name, sign] of [
    ['add', 1n],
    ['sub', -1n],
  ] as const)
    environment
      .registerFunction(
        `Quantity.${name}(Quantity): Quantity`,
        (a: Quantity, b: Quantity) => new Quantity(a.amount + sign * b.amount),
      )
      .registerFunction(
        `Quantity.${name}(int): Quantity`,
        (a: Quantity, b: bigint) => new Quantity(a.amount + sign * b * nano),
      )
}

function parse(text: string): Quantity {
  const amount = amountOf(text)
  if (amount !== undefined) return new Quantity(amount)
  const canonical = canonicalQuantity(text)
  throw new Error('error' in canonical ? canonical.error : 'no quantity')
}
