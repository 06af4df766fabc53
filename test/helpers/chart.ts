// Charts made on the spot, with just what a test is about.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Artifact } from '../../lib/model/source.ts'

/** Writes a chart "web" 1.0.0 made of these files (below the chart's directory) and answers with it as fetched. */
export async function writeChart(
  directory: string,
  files: Readonly<Record<string, string>>,
  hookEvents: readonly string[] = [],
): Promise<Artifact> {
  const chart = { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n', ...files }
  for (const [name, content] of Object.entries(chart)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), content)
  }
  return {
    revision: '1.0.0',
    digest: 'sha256:web',
    path: directory,
    chart: { name: 'web', version: '1.0.0', appVersion: '', values: {}, templates: {} },
    hookEvents,
  }
}

/** A template of a ConfigMap called after the release that holds .Values.data. */
export const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data: {{ .Values.data | default dict | toJson }}
`

/** A template of a Deployment called after the release; .Values.image may be one that is "missing". */
export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas | default 1 }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec:
      {{- if .Values.nowhere }}
      nodeSelector: { no: where }
      {{- end }}
      containers: [{ name: web, image: nginx }]
`

/** A template of a hook that ends with .Values.exit, in the sandbox and on a cluster of hollow nodes alike. */
export function hookPod(event: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-${event}
  annotations:
    helm.sh/hook: ${event}
    hollow/run-seconds: {{ .Values.seconds | default 0 | quote }}
    hollow/exit-code: {{ .Values.exit | default 0 | quote }}
spec:
  restartPolicy: Never
  containers:
    - name: hook
      image: busybox
      command: [sh, -c, 'sleep {{ .Values.seconds | default 0 }}; exit {{ .Values.exit | default 0 }}']
`
}
