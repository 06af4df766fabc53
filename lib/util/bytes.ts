// Amounts of memory and disk, as Kubernetes writes them: "512Mi", "2Gi", "500M".

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** Bytes of a Kubernetes quantity without exponent; undefined when the text is none. */
export function parseBytes(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMGT]|[KMGT]i)?$/.exec(text) ?? []
  return number === undefined ? undefined : Math.floor(Number(number) * units[unit]!)
}

/** "512 MiB", "1.5 GiB": for people. */
export function formatBytes(bytes: number): string {
  const [unit, size] = bytes >= 2 ** 30 ? ['GiB', 2 ** 30] : ['MiB', 2 ** 20]
  return `${Number((bytes / Number(size)).toFixed(1))} ${unit}`
}
