// The command line's entrance.

export async function main(args: readonly string[]): Promise<number> {
  throw new Error(`not yet: ${args.join(' ')}`)
}
