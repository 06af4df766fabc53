// Reading what Prometheus would read.
import type { Metrics } from '../../lib/model/ports.ts'

/** Figures that nobody looks at. */
export const noMetrics: Metrics = {
  show: () => {},
  forget: () => {},
  time: () => {},
  countUpgrade: () => {},
  countFailure: () => {},
}

/** Each sample of the text format by its name and labels, those in the order of their names: `up{a="1",b="2"}`. */
export function parseSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) continue
    const sorted = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label).sort()
    samples.set(sorted.length === 0 ? name : `${name}{${sorted.join()}}`, Number(value))
  }
  return samples
}

/** The help texts by metric. */
export function parseFamilies(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^# HELP (\w+) (.*)$/gm)].map(([, name, help]) => [name!, help!]),
  )
}
